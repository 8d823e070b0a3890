package io.meridian.core.internal;

import com.google.protobuf.util.Durations;
import io.meridian.api.replication.v1.FailoverResponse;
import io.meridian.api.replication.v1.LeaseResponse;
import io.meridian.api.replication.v1.MoveStep;
import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.NoteMembersResponse;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.api.replication.v1.Refused;
import io.meridian.api.replication.v1.ReportBranchResponse;
import io.meridian.core.protocol.Output;
import io.meridian.model.position.Epoch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** Who asked what of a mesh's entity, by the token that stands for him in the protocol. Owned by one entity. */
final class Callers {
    private sealed interface Caller {}

    private record Commander(ActorRef<MeshMessage.CommandReply> replyTo) implements Caller {}

    private record Appender(ActorRef<MeshMessage.AppendReply> replyTo) implements Caller {}

    private record Peer(ActorRef<MeshMessage.CallReply> replyTo) implements Caller {}

    /** Who moves a home hears of the steps too. */
    private record Mover(ActorRef<MeshMessage.CallReply> replyTo, long startedMillis, List<MoveStep> steps)
            implements Caller {}

    private final Map<Long, Caller> byToken = new HashMap<>();
    private long lastToken;

    long command(ActorRef<MeshMessage.CommandReply> replyTo) {
        return add(new Commander(replyTo));
    }

    long append(ActorRef<MeshMessage.AppendReply> replyTo) {
        return add(new Appender(replyTo));
    }

    long call(ActorRef<MeshMessage.CallReply> replyTo) {
        return add(new Peer(replyTo));
    }

    long move(ActorRef<MeshMessage.CallReply> replyTo, long nowMillis) {
        return add(new Mover(replyTo, nowMillis, new ArrayList<>()));
    }

    private long add(Caller caller) {
        lastToken++;
        byToken.put(lastToken, caller);
        return lastToken;
    }

    void answer(Output.Answer answer) {
        command(answer.token(), new MeshMessage.Outcome(answer.outcome()));
    }

    void notHome(long token, Epoch epoch) {
        command(token, new MeshMessage.NotHome(epoch));
    }

    void unjudged(long token, RuntimeException fault) {
        command(token, new MeshMessage.CommandFailed("the command could not be judged, nothing changed: " + fault));
    }

    private void command(long token, MeshMessage.CommandReply reply) {
        if (byToken.remove(token) instanceof Commander commander) {
            commander.replyTo().tell(reply);
        }
    }

    void appended(Output.Appended appended) {
        if (byToken.remove(appended.token()) instanceof Appender appender) {
            appender.replyTo().tell(new MeshMessage.Appended(appended.head(), appended.stopped()));
        }
    }

    void appendFailed(long token, String why) {
        if (byToken.remove(token) instanceof Appender appender) {
            appender.replyTo().tell(new MeshMessage.AppendFailed(why));
        }
    }

    void moving(long token, String what, long nowMillis) {
        if (byToken.get(token) instanceof Mover mover) {
            mover.steps()
                    .add(MoveStep.newBuilder()
                            .setAt(Durations.fromMillis(nowMillis - mover.startedMillis()))
                            .setWhat(what)
                            .build());
            mover.replyTo().tell(new MeshMessage.CallStep(what));
        }
    }

    /** HandoverResponse and FailoverResponse have the same fields under the same numbers. */
    void moved(long token, Moved moved) {
        move(
                token,
                mover -> FailoverResponse.newBuilder()
                        .setMoved(moved.toBuilder().addAllSteps(mover.steps()))
                        .build());
    }

    void refused(long token, Refused refused) {
        move(token, mover -> FailoverResponse.newBuilder().setRefused(refused).build());
    }

    private void move(long token, Function<Mover, FailoverResponse> response) {
        if (byToken.remove(token) instanceof Mover mover) {
            mover.replyTo().tell(new MeshMessage.CallAnswer(response.apply(mover)));
        }
    }

    void promise(Output.PromiseAnswered answered) {
        call(
                answered.token(),
                new MeshMessage.CallAnswer(PromiseResponse.newBuilder()
                        .setGranted(answered.granted())
                        .setHead(CallInputs.head(answered.head()))
                        .setPromisedEpoch(answered.promised().value())
                        .setWitness(answered.witness())
                        .setMembers(answered.members().toProto())
                        .setWhy(answered.why())
                        .build()));
    }

    void lease(Output.LeaseGiven given) {
        call(
                given.token(),
                new MeshMessage.CallAnswer(LeaseResponse.newBuilder()
                        .setGranted(given.granted())
                        .setPromisedEpoch(given.promised().value())
                        .setWhy(given.why())
                        .build()));
    }

    void members(Output.MembersKept kept) {
        call(
                kept.token(),
                new MeshMessage.CallAnswer(NoteMembersResponse.newBuilder()
                        .setNoted(kept.at().toProto())
                        .setWhyNot(kept.whyNot())
                        .build()));
    }

    void branch(Output.BranchAnswered answered) {
        ReportBranchResponse.Builder response =
                ReportBranchResponse.newBuilder().setWhyNot(answered.whyNot());
        answered.recorded().ifPresent(position -> response.setRecorded(position.toProto()));
        call(answered.token(), new MeshMessage.CallAnswer(response.build()));
    }

    private void call(long token, MeshMessage.CallReply reply) {
        if (byToken.remove(token) instanceof Peer peer) {
            peer.replyTo().tell(reply);
        }
    }

    void failed(long token, String why) {
        fail(byToken.remove(token), why);
    }

    /** Whoever the protocol left without an answer. */
    void failAll(String why) {
        byToken.values().forEach(caller -> fail(caller, why));
        byToken.clear();
    }

    private static void fail(@Nullable Caller caller, String why) {
        switch (caller) {
            case Commander commander -> commander.replyTo().tell(new MeshMessage.CommandFailed(why));
            case Appender appender -> appender.replyTo().tell(new MeshMessage.AppendFailed(why));
            case Peer peer -> peer.replyTo().tell(new MeshMessage.CallFailed(why));
            case Mover mover -> mover.replyTo().tell(new MeshMessage.CallFailed(why));
            case null -> {}
        }
    }
}
