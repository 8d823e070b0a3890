package io.meridian.replicator.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.FollowerState.Source;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a {@link Follower} hears. {@code stream} is the number that it gave in {@link FollowerOutput.Open}; others are ignored. */
public sealed interface FollowerInput {
    /** Whom to follow, see {@link HeadTable#homeEpoch}; empty if this region is the home or nobody is known. */
    record SourceKnown(Optional<Source> source) implements FollowerInput {}

    /** The region speaks again after a silence: no need to wait out the backoff. */
    record PeerBack(RegionId region) implements FollowerInput {}

    /** Answers {@link FollowerOutput.ReadOwnHead}; {@code lineage}: of the branch that ends with {@code head}. */
    record OwnHead(Head head, Lineage lineage) implements FollowerInput {}

    /** Answers {@link FollowerOutput.ReadOwnHead} when the head cannot be had. */
    record OwnHeadFailed(String reason) implements FollowerInput {}

    record Received(long stream, List<EventEnvelope> envelopes, Head homeHead) implements FollowerInput {}

    record Progress(long stream, Head homeHead) implements FollowerInput {}

    /** Our head lies behind the place where the sender's branch and ours part; {@code fork} is the last event that it thinks both have. */
    record ForkedTold(long stream, Head fork) implements FollowerInput {}

    /** Answers {@link FollowerOutput.ReadOwnHashAt}; empty if the own log has no event there. */
    record OwnHashAt(long stream, Optional<Hash> hash) implements FollowerInput {}

    /** Answers {@link FollowerOutput.ReadOwnHashAt} when the log cannot be read. */
    record OwnHashFailed(long stream, String reason) implements FollowerInput {}

    /** The sender says that our head contradicts its branch. */
    record DivergedTold(long stream, Head homeAtSeq, String message) implements FollowerInput {}

    /** What came is no envelope of this protocol. */
    record Malformed(long stream, String reason) implements FollowerInput {}

    record StreamFailed(long stream, String reason) implements FollowerInput {}

    /**
     * Answers {@link FollowerOutput.Append} after the durable commit.
     *
     * @param head of the own log now
     * @param stopped null if everything was taken
     */
    record Appended(long stream, Head head, @Nullable Acceptance stopped) implements FollowerInput {}

    /** Answers {@link FollowerOutput.Append}: whether anything was stored is unknown. */
    record AppendFailed(long stream, String reason) implements FollowerInput {}

    /** The regions whose topics can be read now; see {@link Route}. */
    record Topics(Set<RegionId> readable) implements FollowerInput {}

    /**
     * What was read from a region's topic. Whether it is done with is told by {@link FollowerState#offers}.
     *
     * @param number of this offer, above 0, never used before
     * @param region whose topic it is
     * @param envelopes of this mesh, at least one, with the hashes that they claim; in whatever order, with whatever missing
     */
    record Offered(long number, RegionId region, List<EventEnvelope> envelopes) implements FollowerInput {}

    /** Time went on. Several times a second. */
    record Tick() implements FollowerInput {}
}
