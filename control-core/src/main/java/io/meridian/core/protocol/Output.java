package io.meridian.core.protocol;

import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the protocol wants done, in this order. */
public sealed interface Output {
    /**
     * Make these durable, the manifest's first (all of them or none), then the log's (all or none). Answered by {@link Input.Written}; at most one is
     * under way. If it fails the state is worth nothing: tell everybody with {@link MeshProtocol#abandon} and read the log back.
     */
    record Write(List<ManifestEvent> manifest, Optional<Segment> segment) implements Output {
        public Write {
            manifest = List.copyOf(manifest);
        }

        /** Events of one epoch behind {@code base}. */
        public record Segment(Epoch epoch, Head base, List<LogEvent> events) {
            public Segment {
                events = List.copyOf(events);
            }
        }
    }

    /**
     * The log in memory is not the one in the journal any more: after what is being written is durable, give the state up ({@link
     * MeshProtocol#abandon}) and read the log back.
     */
    record Reopen(String why) implements Output {}

    /** The durable head moved; before anybody is answered. */
    record HeadMoved(Head head) implements Output {}

    record Answer(long token, CommandOutcome outcome) implements Output {}

    /** The epoch names the region that takes the command. */
    record NotHome(long token, Epoch epoch) implements Output {}

    /** The command could not be judged, through a fault of ours; nothing changed. */
    record Unjudged(long token, RuntimeException fault) implements Output {}

    /** After the durable commit; {@code stopped} is null if everything was taken. */
    record Appended(long token, Head head, @Nullable Acceptance stopped) implements Output {}

    /** It is not known how much was stored: look at the head. */
    record AppendFailed(long token, String why) implements Output {}

    /** Read the hashes of these stored events and give {@code append} again with them. */
    record ReadHashes(Input.Append append, List<Long> seqs) implements Output {}

    record Moving(long token, String step) implements Output {}

    record HomeMoved(long token, Moved moved) implements Output {}

    record MoveRefused(long token, Refused refused) implements Output {}

    /** Ask {@code region}; answered by a {@link Input.PromiseAnswer}. */
    record AskPromise(RegionId region, Epoch epoch, Position head, boolean automatic) implements Output {}

    /**
     * Durable, if granted.
     *
     * @param head of this region; of a witness the furthest that it has heard of
     * @param members who they are as far as this region knows
     */
    record PromiseAnswered(
            long token, boolean granted, Head head, Epoch promised, boolean witness, MembersNote members, String why)
            implements Output {}

    /** Ask {@code region}; answered by {@link Input.LeaseAnswered}. */
    record AskLease(RegionId region, Epoch epoch, long lengthMillis, long sentAtMillis) implements Output {}

    record LeaseGiven(long token, boolean granted, Epoch promised, String why) implements Output {}

    /** Tell {@code region} who the members are; answered by {@link Input.MembersKept} if at all. */
    record TellMembers(RegionId region, MembersNote note) implements Output {}

    /** {@code at} of the latest note that is durable here; {@code whyNot} is empty unless what was told was refused. */
    record MembersKept(long token, Position at, String whyNot) implements Output {}

    /** Read what follows {@code afterSeq} in {@code region}'s log; answered by Fetched or FetchFailed. */
    record Fetch(RegionId region, long afterSeq, int max) implements Output {}

    /** Read the tail's events behind {@code afterSeq} from the own journal and give them to {@code home}, which may be this region. */
    record ReportTail(String home, Manifest.Tail tail, long afterSeq) implements Output {}

    /** {@code recorded}: how far the record of that branch goes; empty if it was not taken. */
    record BranchAnswered(long token, Optional<Position> recorded, String whyNot) implements Output {}

    /** For an operator's eyes. */
    record Notice(Level level, String message) implements Output {
        public enum Level {
            INFO,
            WARN
        }
    }
}
