package io.meridian.core.protocol;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the protocol hears. A {@code token} is the caller's; exactly one answer with it follows, unless the state is given up. */
public sealed interface Input {
    /**
     * @param expected the epoch that a region which forwards the command believes in; {@link Epoch#NONE} if the client spoke to this one
     * @param deadlineMillis of {@link Moment#nowMillis}
     */
    record Execute(long token, CommandRequest request, Epoch expected, long deadlineMillis) implements Input {}

    /**
     * Events of another region's log.
     *
     * @param sourceEpoch of that region's head
     * @param stored hashes that were asked for with {@link Output.ReadHashes}
     */
    record Append(long token, Epoch sourceEpoch, List<EventEnvelope> envelopes, Map<Long, Hash> stored)
            implements Input {
        public Append {
            envelopes = List.copyOf(envelopes);
            stored = Map.copyOf(stored);
        }
    }

    /** A region holds {@code head} durably. */
    record Acknowledged(RegionId region, Head head) implements Input {}

    /** Answers {@link Output.Write}. */
    record Written() implements Input {}

    /** Move the home to {@code to}. */
    record Handover(long token, Origin origin, String to) implements Input {}

    /** Make this region the home. */
    record Failover(long token, Origin origin, boolean withoutMajority) implements Input {}

    /** A candidate, whose log goes up to {@code head}, asks for a promise. */
    record PromiseAsked(long token, String candidate, Epoch epoch, Position head, boolean automatic) implements Input {}

    /** Answers {@link Output.AskPromise}. */
    sealed interface PromiseAnswer extends Input {
        RegionId region();

        Epoch epoch();
    }

    /** {@code members}: who they are as far as the region knows. */
    record PromiseGranted(RegionId region, Epoch epoch, Head head, boolean witness, MembersNote members)
            implements PromiseAnswer {}

    /** {@code promised}: what it promised to instead; {@link Epoch#NONE} if to nothing. */
    record PromiseRefused(RegionId region, Epoch epoch, Epoch promised, String why) implements PromiseAnswer {}

    /** It did not answer. */
    record PromiseMissing(RegionId region, Epoch epoch, String why) implements PromiseAnswer {}

    /** A home asks for its right to write for a while. */
    record LeaseAsked(long token, Epoch epoch, long lengthMillis) implements Input {}

    /** Answers {@link Output.AskLease}; {@code sentAtMillis} is what that said. */
    record LeaseAnswered(RegionId region, Epoch epoch, boolean granted, long sentAtMillis) implements Input {}

    /** The region {@code home} says who the members are. */
    record MembersTold(long token, String home, MembersNote note) implements Input {}

    /** Answers {@link Output.TellMembers}; {@code at} of the latest note that the region holds durably. */
    record MembersKept(RegionId region, Position at) implements Input {}

    /** Answers {@link Output.Fetch}. */
    record Fetched(RegionId region, long afterSeq, List<EventEnvelope> envelopes) implements Input {}

    record FetchFailed(RegionId region, String why) implements Input {}

    /**
     * A region hands over the events of a divergent branch.
     *
     * @param ownAtFork the hash of this region's event at the fork's seq; empty if it has none there
     */
    record BranchReported(long token, String origin, Head fork, List<EventEnvelope> envelopes, Optional<Hash> ownAtFork)
            implements Input {
        public BranchReported {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** Time went on, or the peers changed. Several times a second. */
    record Tick() implements Input {}
}
