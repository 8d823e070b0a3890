package io.meridian.core.internal;

import io.meridian.core.MeshCommands;
import io.meridian.core.PeerRegions;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a command to the mesh's entity in this region and, if that says that its home is elsewhere, to that region, once. */
final class CommandRouter implements MeshCommands {
    private static final Logger LOG = LoggerFactory.getLogger(CommandRouter.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final RegionId region;
    private final Entities entities;
    private final PeerRegions peers;

    CommandRouter(RegionId region, Entities entities, PeerRegions peers) {
        this.region = region;
        this.entities = entities;
        this.peers = peers;
    }

    @Override
    public CompletionStage<CommandOutcome> execute(CommandRequest request, Duration timeout) {
        return route(request, Epoch.NONE, timeout, true);
    }

    @Override
    public CompletionStage<CommandOutcome> executeHere(CommandRequest request, Epoch expected, Duration timeout) {
        return route(request, expected, timeout, false);
    }

    private CompletionStage<CommandOutcome> route(
            CommandRequest request, Epoch expected, Duration timeout, boolean forward) {
        long deadline = System.nanoTime() + timeout.toNanos();
        CompletionStage<MeshMessage.CommandReply> reply =
                entities.ask(
                        request.mesh(),
                        timeout,
                        replyTo -> new MeshMessage.Execute(request, expected, timeout, replyTo));
        return reply.handle((answer, failure) -> failure == null
                        ? answered(answer, request, deadline, forward)
                        : CompletableFuture.completedStage(unanswered(request, timeout, failure)))
                .thenCompose(outcome -> outcome);
    }

    private CompletionStage<CommandOutcome> answered(
            MeshMessage.CommandReply reply, CommandRequest request, long deadlineNanos, boolean forward) {
        return switch (reply) {
            case MeshMessage.Outcome(var outcome) -> CompletableFuture.completedStage(outcome);
            case MeshMessage.NotHome(var epoch) ->
                forward
                        ? forward(request, epoch, deadlineNanos)
                        : CompletableFuture.completedStage(unavailable("region " + region + " is not the home of mesh "
                                + request.mesh() + "; " + named(epoch) + " is, in epoch " + epoch));
            case MeshMessage.CommandFailed(var message) ->
                CompletableFuture.failedStage(new IllegalStateException(message));
        };
    }

    private CompletionStage<CommandOutcome> forward(CommandRequest request, Epoch epoch, long deadlineNanos) {
        Optional<PeerRegions.Peer> home = peers.byIndex(epoch.regionIndex());
        if (home.isEmpty()) {
            return CompletableFuture.completedStage(unavailable("the home of mesh " + request.mesh() + " is the region"
                    + " with index " + epoch.regionIndex() + ", which region " + region
                    + " does not know; add it to its peers"));
        }
        PeerRegions.Peer peer = home.get();
        if (!peer.reachable()) {
            return CompletableFuture.completedStage(unavailable("region " + peer.id() + ", the home of mesh "
                    + request.mesh() + ", cannot be reached from region " + region + "; it has been silent for "
                    + peer.silentFor().toSeconds() + " s"));
        }
        Duration left = Duration.ofNanos(Math.max(deadlineNanos - System.nanoTime(), 1));
        LOG.debug(
                "command forwarded: mesh={} command={} home={} epoch={}",
                request.mesh(),
                request.commandId(),
                peer.id(),
                epoch);
        return peer.execute(request, epoch, left)
                .exceptionally(failure -> new CommandOutcome.Unknown(
                        request.commandId(),
                        "the command was forwarded to region " + peer.id() + ", the home of mesh " + request.mesh()
                                + ", and then: " + Failures.reason(failure)));
    }

    private static CommandOutcome unanswered(CommandRequest request, Duration timeout, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String why = cause instanceof TimeoutException
                ? "mesh " + request.mesh() + " has not answered within " + timeout.toMillis() + " ms"
                : Failures.reason(cause);
        return new CommandOutcome.Unknown(request.commandId(), why);
    }

    private String named(Epoch epoch) {
        return peers.byIndex(epoch.regionIndex())
                .map(peer -> "region " + peer.id())
                .orElse("the region with index " + epoch.regionIndex());
    }

    private static CommandOutcome unavailable(String message) {
        return new CommandOutcome.Unavailable(message, RETRY_AFTER);
    }
}
