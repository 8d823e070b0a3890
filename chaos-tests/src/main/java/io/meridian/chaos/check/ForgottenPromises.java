package io.meridian.chaos.check;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.SegmentOpened;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Regions that promised an epoch and forgot it with their disk: they may have helped an earlier one afterwards. Who promised stands in the log, when is known
 * only roughly: no longer before the opening than a takeover takes, and before anybody saw the new epoch.
 */
final class ForgottenPromises {
    private static final String OPENED = SegmentOpened.getDescriptor().getName();
    /** From the first promise to the opening. */
    private static final long LONGEST_TAKEOVER_NANOS = Duration.ofSeconds(10).toNanos();

    private final Evidence evidence;
    private final Restores restores;

    ForgottenPromises(Evidence evidence, Restores restores) {
        this.evidence = evidence;
        this.restores = restores;
    }

    /** Of those who promised the current branch's first epoch above that of {@code position}: who had forgotten it at {@code acknowledged}. */
    Set<String> of(String mesh, Position position, long acknowledged) {
        Set<String> forgot = new HashSet<>();
        evidence.mesh(mesh).current().events().stream()
                .filter(event -> event.position().epoch() > position.epoch())
                .findFirst()
                .filter(event -> event.header().getType().equals(OPENED))
                .ifPresent(opening -> {
                    long latest = seen(mesh, opening.position().epoch());
                    long earliest = lastSeenBefore(mesh, opening.position().epoch(), latest) - LONGEST_TAKEOVER_NANOS;
                    promisedBy(opening).stream()
                            .filter(region -> restores.hadForgotten(region, earliest, latest, acknowledged))
                            .forEach(forgot::add);
                });
        return forgot;
    }

    private static List<String> promisedBy(LoggedEvent opening) {
        try {
            return SegmentOpened.parseFrom(opening.envelope().getPayload())
                    .getTakeover()
                    .getPromisedByList();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("an unreadable payload at " + opening.position(), e);
        }
    }

    /** When anybody was first told of the epoch. */
    private long seen(String mesh, long epoch) {
        Recorded history = evidence.history();
        LongStream heads = history.heads().stream()
                .filter(head -> head.mesh().equals(mesh) && head.position().epoch() == epoch)
                .mapToLong(Recorded.Head::time);
        LongStream writes = history.writes().stream()
                .filter(write -> write.mesh().equals(mesh) && isOf(epoch, write.position()))
                .mapToLong(Recorded.Write::completed);
        return LongStream.concat(heads, writes).min().orElse(Recorded.NEVER);
    }

    private static boolean isOf(long epoch, @Nullable Position position) {
        return position != null && position.epoch() == epoch;
    }

    /** When the region that opened the epoch was last seen without it; 0 if never. */
    private long lastSeenBefore(String mesh, long epoch, long until) {
        Recorded history = evidence.history();
        return history.heads().stream()
                .filter(head -> head.mesh().equals(mesh)
                        && head.time() < until
                        && head.position().epoch() < epoch
                        && Integer.valueOf(Position.writer(epoch))
                                .equals(history.run().regions().get(head.region())))
                .mapToLong(Recorded.Head::time)
                .max()
                .orElse(0);
    }
}
