package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import io.meridian.model.position.Position;
import java.util.Optional;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The newest {@value #CAPACITY} applied command ids: the table by which a retry is recognised, after a failover too, since it is part of
 * the replicated state. Immutable. An id that has fallen out would be applied again.
 */
public final class AppliedCommands {
    public static final int CAPACITY = 4096;

    private static final AppliedCommands EMPTY = new AppliedCommands(HashTreePMap.empty(), TreePMap.empty());

    /** {@code fingerprint}: of the command; {@code position}: of its last event. */
    public record Applied(String commandId, ByteString fingerprint, Position position) {}

    private final HashPMap<String, Applied> byId;
    private final PSortedMap<Long, Applied> bySeq;

    private AppliedCommands(HashPMap<String, Applied> byId, PSortedMap<Long, Applied> bySeq) {
        this.byId = byId;
        this.bySeq = bySeq;
    }

    public static AppliedCommands empty() {
        return EMPTY;
    }

    public Optional<Applied> find(String commandId) {
        return Optional.ofNullable(byId.get(commandId));
    }

    /** Whether the command with this id wrote {@code seq}: it lies after the last event of the command before, up to its own last event. */
    boolean wrote(String commandId, long seq) {
        Applied applied = byId.get(commandId);
        if (applied == null || seq > applied.position().seq()) {
            return false;
        }
        Long before = bySeq.lowerKey(applied.position().seq());
        return before == null ? seq == applied.position().seq() : seq > before;
    }

    /** In order of seq, oldest first. */
    public Iterable<Applied> inOrder() {
        return bySeq.values();
    }

    /** With one more, and without the oldest if that is one too many. Seqs only grow. */
    public AppliedCommands plus(Applied applied) {
        HashPMap<String, Applied> ids = byId;
        PSortedMap<Long, Applied> seqs = bySeq;
        Applied earlier = ids.get(applied.commandId());
        if (earlier != null) {
            seqs = seqs.minus(earlier.position().seq());
        }
        ids = ids.plus(applied.commandId(), applied);
        seqs = seqs.plus(applied.position().seq(), applied);
        if (seqs.size() > CAPACITY) {
            Applied oldest = seqs.firstEntry().getValue();
            ids = ids.minus(oldest.commandId());
            seqs = seqs.minus(oldest.position().seq());
        }
        return new AppliedCommands(ids, seqs);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AppliedCommands that && bySeq.equals(that.bySeq);
    }

    @Override
    public int hashCode() {
        return bySeq.hashCode();
    }

    @Override
    public String toString() {
        return "AppliedCommands[" + bySeq.size() + "]";
    }
}
