package io.meridian.core.internal;

import com.google.protobuf.Message;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogState;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What a mesh's entity takes. */
sealed interface MeshMessage {
    /** What may come from another node of the region, and the answers that may go there; see {@link NodeMessageSerializer}. */
    sealed interface Travelling {}

    /**
     * @param expected the epoch that a forwarding region believes in
     * @param timeout what the caller had left when he sent it
     */
    record Execute(CommandRequest request, Epoch expected, Duration timeout, ActorRef<CommandReply> replyTo)
            implements MeshMessage, Travelling {}

    /** {@code sourceEpoch}: of the head of the region that the events come from. */
    record Append(Epoch sourceEpoch, List<EventEnvelope> envelopes, ActorRef<AppendReply> replyTo)
            implements MeshMessage, Travelling {
        public Append {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** A region holds {@code head} durably. Not answered. */
    record Acknowledged(String region, Head head) implements MeshMessage, Travelling {}

    /** What regions ask of each other: a request of replication.v1, answered by its response. */
    record Call(Message request, ActorRef<CallReply> replyTo) implements MeshMessage, Travelling {}

    /** Wakes it. */
    enum Poke implements MeshMessage, Travelling {
        INSTANCE
    }

    record GetState(ActorRef<StateReply> replyTo) implements MeshMessage, Travelling {}

    /** The shard moves or rests: answer what is under way, then end. */
    enum Stop implements MeshMessage, Travelling {
        INSTANCE
    }

    /** What the entity tells itself. */
    non-sealed interface Internal extends MeshMessage {}

    sealed interface CommandReply extends Travelling {}

    record Outcome(CommandOutcome outcome) implements CommandReply {}

    /** The epoch names the region that takes the command; the entity does not forward by itself. */
    record NotHome(Epoch epoch) implements CommandReply {}

    /** Nothing was changed, for a reason that the caller cannot have caused. */
    record CommandFailed(String message) implements CommandReply {}

    sealed interface AppendReply extends Travelling {}

    /** {@code stopped}: null if everything was taken. */
    record Appended(Head head, @Nullable Acceptance stopped) implements AppendReply {}

    /** It is not known how much was stored: look at the head. */
    record AppendFailed(String message) implements AppendReply {}

    sealed interface CallReply extends Travelling {}

    /** The last one. */
    record CallAnswer(Message response) implements CallReply {}

    /** On the way to the answer. */
    record CallStep(String what) implements CallReply {}

    /** It is not known what became of it. */
    record CallFailed(String message) implements CallReply {}

    sealed interface StateReply extends Travelling {}

    record CurrentState(LogState state) implements StateReply {}

    record StateFailed(String message) implements StateReply {}
}
