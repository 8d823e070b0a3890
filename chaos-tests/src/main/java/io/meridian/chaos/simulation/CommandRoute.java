package io.meridian.chaos.simulation;

import io.meridian.core.protocol.Output;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import java.time.Duration;
import java.util.function.Consumer;

/** One command's way through a region, as control-core's CommandRouter takes it: to the mesh's process and, if that is not the home, once to the home. */
final class CommandRoute {
    private final Region region;
    private final CommandRequest request;
    private final Epoch expected;
    private final long deadlineMillis;
    private final Consumer<CommandOutcome> reply;
    private boolean answered;

    CommandRoute(
            Region region, CommandRequest request, Epoch expected, long timeoutMillis, Consumer<CommandOutcome> reply) {
        this.region = region;
        this.request = request;
        this.expected = expected;
        this.reply = reply;
        deadlineMillis = region.clock.monotonicMillis() + timeoutMillis;
    }

    void take(MeshProcess process) {
        long left = left();
        process.execute(request, expected, deadlineMillis, output -> {
            switch (output) {
                case Output.Answer(var token, var outcome) -> answer(outcome);
                case Output.NotHome(var token, var epoch) -> notHome(epoch);
                default -> answer(unknown(output.toString()));
            }
        });
        region.after(left, () -> answer(unknown("no answer within " + left + " ms")));
    }

    private void notHome(Epoch epoch) {
        int home = region.world.placeOf(epoch);
        if (!expected.isNone() || !region.peers().isReachable(home)) {
            answer(new CommandOutcome.Unavailable("the home is elsewhere", Duration.ofSeconds(1)));
            return;
        }
        long left = left();
        region.<CommandOutcome>call(
                home,
                (target, answer) -> target.execute(request, epoch, left, answer),
                left,
                this::answer,
                why -> answer(unknown(why)));
    }

    private CommandOutcome unknown(String why) {
        return region.world.has(Mutant.TIMEOUT_AS_FAILURE)
                ? new CommandOutcome.Unavailable(why, Duration.ofSeconds(1))
                : new CommandOutcome.Unknown(request.commandId(), why);
    }

    private long left() {
        return Math.max(deadlineMillis - region.clock.monotonicMillis(), 1);
    }

    private void answer(CommandOutcome outcome) {
        if (!answered) {
            answered = true;
            reply.accept(outcome);
        }
    }
}
