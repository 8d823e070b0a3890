package io.meridian.core.admin;

import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Finding;
import io.meridian.core.MeshCommands;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes commands of requests and sends them. */
final class Writes {
    static final int MAX_REQUEST_ID_CHARS = 128;
    static final int MAX_REASON_CHARS = 1_024;

    /** For the port to tell by itself that the time was too short. */
    private static final Duration GRACE = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(Writes.class);

    private final RegionId region;
    private final MeshCommands commands;

    Writes(RegionId region, MeshCommands commands) {
        this.region = region;
        this.commands = commands;
    }

    /** Checks what a write says of itself, and gives it an id if it has none. */
    CommandRequest request(MeshId mesh, MeshCommand command, WriteOptions options, Call call) {
        checkReason(options);
        return new CommandRequest(
                mesh,
                requestId(options.getRequestId()),
                call.actor(),
                options.getReason(),
                region.name(),
                Names.position(
                        "options.expected_position",
                        options.hasExpectedPosition(),
                        options.getExpectedPosition(),
                        mesh),
                options.getValidateOnly(),
                command);
    }

    static void checkReason(WriteOptions options) {
        if (options.getReason().length() > MAX_REASON_CHARS) {
            throw Errors.invalid(
                    "options.reason",
                    "has " + options.getReason().length() + " characters; at most " + MAX_REASON_CHARS
                            + " are allowed");
        }
    }

    /** For what nobody should do without saying why. */
    static void requireReason(WriteOptions options) {
        if (options.getReason().isBlank()) {
            throw Errors.invalid("options.reason", "is required: why it is done, for the history");
        }
        checkReason(options);
    }

    static String requestId(String given) {
        if (given.isEmpty()) {
            return UUID.randomUUID().toString();
        }
        if (given.length() > MAX_REQUEST_ID_CHARS || !given.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw Errors.invalid(
                    "options.request_id",
                    "must be up to " + MAX_REQUEST_ID_CHARS + " printable ASCII characters without spaces");
        }
        return given;
    }

    /** Fails unless the command was accepted. */
    CompletionStage<CommandOutcome.Accepted> accept(CommandRequest request, Call call) {
        return execute(request, call).thenApply(Writes::accepted);
    }

    CompletionStage<CommandOutcome> execute(CommandRequest request, Call call) {
        return settled(request, commands.execute(request, call.remaining()), call);
    }

    static CommandOutcome.Accepted accepted(CommandOutcome outcome) {
        if (outcome instanceof CommandOutcome.Accepted accepted) {
            return accepted;
        }
        throw Errors.refused(outcome);
    }

    /**
     * A write whose port failed or stayed silent may have happened: that is what its sender is told. Writes one line, for whoever looks for
     * it later.
     */
    static CompletionStage<CommandOutcome> settled(
            CommandRequest request, CompletionStage<CommandOutcome> outcome, Call call) {
        return outcome.toCompletableFuture()
                .copy()
                .orTimeout(call.remaining().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> {
                    LOG.error("write failed mesh={} request_id={}", request.mesh(), request.commandId(), failure);
                    return new CommandOutcome.Unknown(request.commandId(), "the region failed to answer");
                })
                .whenComplete((done, failure) -> LOG.info(
                        "write mesh={} command={} request_id={} actor={} channel={} validate_only={} outcome={}",
                        request.mesh(),
                        request.command().getClass().getSimpleName(),
                        request.commandId(),
                        request.actor().getSubject(),
                        request.actor().getChannel(),
                        request.validateOnly(),
                        words(done)));
    }

    private static String words(CommandOutcome outcome) {
        return switch (outcome) {
            case CommandOutcome.Accepted accepted ->
                "accepted position=" + accepted.position() + " replayed=" + accepted.replayed();
            case CommandOutcome.Rejected(var violations) ->
                "rejected code=" + violations.getFirst().code();
            case CommandOutcome.Unavailable(var message, var retryAfter) -> "unavailable";
            case CommandOutcome.Unknown(var id, var message) -> "unknown";
        };
    }

    static WriteResponse response(CommandOutcome.Accepted accepted) {
        return response(accepted, accepted.findings());
    }

    static WriteResponse response(CommandOutcome.Accepted accepted, List<Finding> warnings) {
        return WriteResponse.newBuilder()
                .setPosition(accepted.position().toProto())
                .addAllWarnings(warnings)
                .setReplayed(accepted.replayed())
                .setUnchanged(accepted.unchanged())
                .build();
    }
}
