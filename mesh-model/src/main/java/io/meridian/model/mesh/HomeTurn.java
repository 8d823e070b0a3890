package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The home's write path up to the journal: deduplicate, check the expected position, decide, seal the events onto the chain, fold them.
 * Pure and total; the entity that owns the mesh calls it, persists what it says and answers.
 */
public final class HomeTurn {
    private static final Duration RETRY_AT_NEW_HOME = Duration.ofMillis(500);

    private final Decider decider;

    public HomeTurn(Decider decider) {
        this.decider = decider;
    }

    /** Throws IllegalArgumentException if the request is for another mesh than {@code state}: the caller's routing is broken. */
    public Turn take(MeshState state, CommandRequest request, Writer writer) {
        if (!request.mesh().equals(state.id())) {
            throw new IllegalArgumentException("command for mesh " + request.mesh() + " offered to mesh " + state.id());
        }
        if (request.commandId().isEmpty()) {
            return refused(
                    RejectionCode.INVALID_FIELD,
                    request,
                    "request_id",
                    "a command needs an id by which a retry is recognised");
        }
        ByteString fingerprint = CommandCodec.fingerprint(request.command());
        Optional<AppliedCommands.Applied> earlier = state.applied().find(request.commandId());
        if (earlier.isPresent()) {
            return replay(request, earlier.get(), fingerprint);
        }
        Optional<BranchEntry> reapplied = alreadyReapplied(state, request.command());
        if (reapplied.isPresent()) {
            return new Turn.Answered(new CommandOutcome.Accepted(
                    reapplied.get().reappliedAt().orElseThrow(), List.of(), true, false, List.of()));
        }
        if (!acceptsWritesOf(state, writer)) {
            return new Turn.Answered(new CommandOutcome.Unavailable(whyClosed(state, writer), RETRY_AT_NEW_HOME));
        }
        Optional<Position> expected = request.expectedPosition();
        if (expected.isPresent() && !expected.get().equals(state.head().position())) {
            return refused(
                    RejectionCode.STALE_POSITION,
                    request,
                    "expected_position",
                    "the mesh is at position " + state.head().position() + ", not at the expected " + expected.get()
                            + "; read it again and decide anew");
        }
        return switch (decider.decide(state, request, writer.now())) {
            case Decision.Rejected(var violations) -> new Turn.Answered(new CommandOutcome.Rejected(violations));
            case Decision.Accepted accepted
            when accepted.events().isEmpty() || request.validateOnly() ->
                new Turn.Answered(outcome(state.head().position(), accepted));
            case Decision.Accepted accepted -> commit(state, request, writer, fingerprint, accepted);
        };
    }

    private static Turn replay(CommandRequest request, AppliedCommands.Applied earlier, ByteString fingerprint) {
        if (!earlier.fingerprint().equals(fingerprint)) {
            return refused(
                    RejectionCode.REQUEST_ID_REUSED,
                    request,
                    "request_id",
                    "the id " + request.commandId() + " was used for another command, applied at position "
                            + earlier.position() + "; use a new id for a new command");
        }
        return new Turn.Answered(new CommandOutcome.Accepted(earlier.position(), List.of(), true, false, List.of()));
    }

    /**
     * Events of the log's own: not a client's command, and written while a handover drains too. As for a command, the commit is to be
     * persisted before anybody sees its state.
     *
     * @param origin an empty command id is not remembered as applied
     * @param events at least one
     * @throws IllegalArgumentException if {@code writer} does not write the segment that {@code state} is in, or the segment is sealed
     */
    public static Turn.Commit record(MeshState state, Origin origin, Writer writer, List<MeshEvent> events) {
        if (events.isEmpty()) {
            throw new IllegalArgumentException("nothing to record in mesh " + state.id());
        }
        if (state.head().isEmpty() || !isWriterOf(state, writer)) {
            throw new IllegalArgumentException("region " + writer.region() + " in epoch " + writer.epoch() + " offered "
                    + events.size() + " events, but " + whyClosed(state, writer));
        }
        return commitOwn(state, origin, writer, events);
    }

    /**
     * Opens {@code writer}'s epoch after the head of {@code base}, with the whole of that state in the event.
     *
     * @param base may be empty: then the event carries no state
     * @throws IllegalArgumentException if the epoch is not above the one of {@code base}'s head
     */
    public static Turn.Commit open(
            MeshState base,
            Origin origin,
            Writer writer,
            MeshEvent.SegmentOpened.Cause cause,
            Optional<Takeover> takeover) {
        if (writer.epoch().compareTo(base.head().position().epoch()) <= 0) {
            throw new IllegalArgumentException("epoch " + writer.epoch() + " cannot be opened after "
                    + base.head().position() + " of mesh " + base.id());
        }
        return commitOwn(base, origin, writer, List.of(opening(base, writer, cause, takeover)));
    }

    private static Turn.Commit commitOwn(MeshState state, Origin origin, Writer writer, List<MeshEvent> events) {
        return commit(state, header(origin, writer, ByteString.EMPTY), new Decision.Accepted(events, List.of()));
    }

    private static MeshEvent.SegmentOpened opening(
            MeshState base, Writer writer, MeshEvent.SegmentOpened.Cause cause, Optional<Takeover> takeover) {
        boolean first = base.head().isEmpty();
        return new MeshEvent.SegmentOpened(
                base.head().position().epoch(),
                base.head().position().seq(),
                cause,
                first ? Optional.empty() : Optional.of(base),
                first ? Hash.ZERO : SnapshotCodec.stateHash(base),
                writer.region().name(),
                takeover);
    }

    private static boolean acceptsWritesOf(MeshState state, Writer writer) {
        return state.head().isEmpty() || (state.handover().isEmpty() && isWriterOf(state, writer));
    }

    /** A segment is written by the region that opened it, until it is sealed. */
    private static boolean isWriterOf(MeshState state, Writer writer) {
        return !state.sealed() && state.head().position().epoch().equals(writer.epoch());
    }

    private static String whyClosed(MeshState state, Writer writer) {
        if (state.successor().isPresent()) {
            return "mesh " + state.id() + " was handed over to region "
                    + state.successor().get().region() + " at position "
                    + state.head().position();
        }
        if (isWriterOf(state, writer) && state.handover().isPresent()) {
            return "mesh " + state.id() + " is being handed over to region "
                    + state.handover().get().toRegion() + " and takes no writes meanwhile";
        }
        return "region " + writer.region() + " in epoch " + writer.epoch() + " is not the home of mesh " + state.id()
                + " (head " + state.head().position() + ")";
    }

    private static Turn commit(
            MeshState state,
            CommandRequest request,
            Writer writer,
            ByteString fingerprint,
            Decision.Accepted accepted) {
        Decision.Accepted all = accepted;
        if (state.head().isEmpty()) {
            List<MeshEvent> events = new ArrayList<>();
            events.add(opening(state, writer, MeshEvent.SegmentOpened.Cause.GENESIS, Optional.empty()));
            events.addAll(accepted.events());
            all = new Decision.Accepted(events, accepted.findings());
        }
        Origin origin = new Origin(request.commandId(), request.actor(), request.reason(), request.originRegion());
        EventHeader.Builder header = header(origin, writer, fingerprint);
        if (request.command() instanceof MeshCommand.ReapplyBranch reapply) {
            citeBranch(header, reapply);
        }
        return commit(state, header, all);
    }

    /** A retry of a re-application is recognised by its entry: the events that it wrote carry the id of the command that they bring back. */
    private static Optional<BranchEntry> alreadyReapplied(MeshState state, MeshCommand command) {
        return command instanceof MeshCommand.ReapplyBranch reapply
                ? Optional.ofNullable(state.branches().get(reapply.branch()))
                        .flatMap(branch -> branch.entry(reapply.entry()))
                        .filter(entry -> entry.reappliedAt().isPresent())
                : Optional.empty();
    }

    /** Who brings it back and why stays the operator's; the id by which a retry is recognised is the client's of then. */
    private static void citeBranch(EventHeader.Builder header, MeshCommand.ReapplyBranch reapply) {
        EventHeader original = reapply.envelopes().getLast().header();
        header.setCommandId(original.getCommandId())
                .setCommandFingerprint(original.getCommandFingerprint())
                .setReapplies(reapply.entry().toProto());
    }

    /** As if {@code events} were written now in the segment that {@code state} is in, under {@code original}'s command id. */
    static MeshState imagine(MeshState state, EventHeader original, List<MeshEvent> events) {
        EventHeader.Builder header = EventHeader.newBuilder()
                .setEpoch(state.head().position().epoch().value())
                .setCommandId(original.getCommandId())
                .setCommandFingerprint(original.getCommandFingerprint())
                .setWallTime(original.getWallTime());
        return commit(state, header, new Decision.Accepted(events, List.of())).next();
    }

    private static EventHeader.Builder header(Origin origin, Writer writer, ByteString fingerprint) {
        return EventHeader.newBuilder()
                .setEpoch(writer.epoch().value())
                .setCommandId(origin.commandId())
                .setCommandFingerprint(fingerprint)
                .setActor(origin.actor())
                .setReason(origin.reason())
                .setOriginRegion(origin.originRegion())
                .setWriterIncarnation(writer.incarnation())
                .setWallTime(Timestamps.toProto(writer.now()));
    }

    private static Turn.Commit commit(MeshState state, EventHeader.Builder header, Decision.Accepted accepted) {
        List<MeshEvent> events = accepted.events();
        header.setMesh(state.id().value()).setEventsInCommand(events.size());
        List<EventEnvelope> envelopes = new ArrayList<>(events.size());
        MeshState next = state;
        for (int index = 0; index < events.size(); index++) {
            MeshEvent event = events.get(index);
            EventEnvelope envelope = seal(header.setIndexInCommand(index), next, event);
            envelopes.add(envelope);
            next = Evolver.evolve(next, envelope, event);
        }
        return new Turn.Commit(envelopes, next, outcome(next.head().position(), accepted));
    }

    private static EventEnvelope seal(EventHeader.Builder header, MeshState state, MeshEvent event) {
        EventCodec.Encoded encoded = EventCodec.encode(event);
        header.setSeq(state.head().position().seq() + 1)
                .setPrevHash(state.head().hash().bytes())
                .setType(encoded.type())
                .setSchemaVersion(encoded.schemaVersion());
        return EventEnvelope.seal(header.build(), encoded.payload());
    }

    private static CommandOutcome.Accepted outcome(Position position, Decision.Accepted accepted) {
        List<MeshEvent.ResourceChange> changes = accepted.events().stream()
                .flatMap(event -> event instanceof MeshEvent.ResourcesApplied applied
                        ? applied.changes().stream()
                        : Stream.empty())
                .toList();
        return new CommandOutcome.Accepted(
                position, accepted.findings(), false, accepted.events().isEmpty(), changes);
    }

    private static Turn refused(RejectionCode code, CommandRequest request, String field, String message) {
        return new Turn.Answered(
                new CommandOutcome.Rejected(List.of(new Violation(code, "mesh " + request.mesh(), field, message))));
    }
}
