package io.meridian.core.protocol;

import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.position.Epoch;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What happens once a batch is durable. */
sealed interface Waiting {
    /**
     * A client's command.
     *
     * @param epoch that it was judged in: it must still stand when it is answered
     * @param replicas other regions that must hold it
     * @param majority whether a majority must hold who the members are now
     */
    record Command(
            long token,
            String commandId,
            CommandOutcome outcome,
            Epoch epoch,
            int replicas,
            boolean majority,
            long deadlineMillis)
            implements Waiting {}

    /** A replica's append. */
    record Append(long token, Head head, @Nullable Acceptance stopped) implements Waiting {}

    /** A promise to another region. */
    record Promise(long token, Epoch epoch) implements Waiting {}

    /** The candidate's own promise. */
    record OwnPromise(Epoch epoch) implements Waiting {}

    /** A new segment of this region, behind {@code base}. */
    record Opening(Epoch epoch, Head base, Optional<Takeover> takeover) implements Waiting {}

    /** A divergent branch is recorded. */
    record Branch(long token, String branch) implements Waiting {}

    /** What the home told of the members is noted. */
    record Noted(long token) implements Waiting {}

    /** The branch goes on in a segment that was there before. */
    record Resumed(String why) implements Waiting {}
}
