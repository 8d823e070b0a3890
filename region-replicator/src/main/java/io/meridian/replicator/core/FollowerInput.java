package io.meridian.replicator.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.RegionId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link Follower} hears. {@code stream} is the number that it gave in {@link FollowerOutput.Open}; others are ignored. */
public sealed interface FollowerInput {
    /** Whom to follow, see {@link HeadTable#homeIndex}; empty if this region is the home or nobody is known. */
    record SourceKnown(Optional<RegionId> source) implements FollowerInput {}

    /** The region speaks again after a silence: no need to wait out the backoff. */
    record PeerBack(RegionId region) implements FollowerInput {}

    /** Answers {@link FollowerOutput.ReadOwnHead}. */
    record OwnHead(Head head) implements FollowerInput {}

    /** Answers {@link FollowerOutput.ReadOwnHead} when the head cannot be had. */
    record OwnHeadFailed(String reason) implements FollowerInput {}

    record Received(long stream, List<EventEnvelope> envelopes, Head homeHead) implements FollowerInput {}

    record Progress(long stream, Head homeHead) implements FollowerInput {}

    /** The sender says that our head is not on its branch. */
    record DivergedTold(long stream, Head homeAtSeq, String message) implements FollowerInput {}

    /** What came is no envelope of this protocol. */
    record Malformed(long stream, String reason) implements FollowerInput {}

    record StreamFailed(long stream, String reason) implements FollowerInput {}

    /** Answers {@link FollowerOutput.Append} after the durable commit; {@code stopped} is null if everything was taken. */
    record Appended(long stream, Head head, @Nullable Acceptance stopped) implements FollowerInput {}

    /** Answers {@link FollowerOutput.Append}: whether anything was stored is unknown. */
    record AppendFailed(long stream, String reason) implements FollowerInput {}

    /** Time went on. Several times a second. */
    record Tick() implements FollowerInput {}
}
