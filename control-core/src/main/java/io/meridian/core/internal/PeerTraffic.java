package io.meridian.core.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.api.replication.v1.ReadLogRequest;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.core.PeerCalls;
import io.meridian.core.PeerRegions;
import io.meridian.core.protocol.Input;
import io.meridian.core.protocol.Output;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one mesh's entity asks of other regions; what they answer goes to {@code heard}, from any thread. */
final class PeerTraffic {
    private static final Logger LOG = LoggerFactory.getLogger(PeerTraffic.class);
    private static final Duration PROMISE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration REPORT_TIMEOUT = Duration.ofSeconds(5);
    /** Of one report; the reader bounds its bytes too. */
    private static final int REPORTED_EVENTS = 500;

    private final Region region;
    private final MeshId mesh;
    private final Consumer<Input> heard;
    private final ActorRef<MeshMessage> self;

    PeerTraffic(Region region, MeshId mesh, Consumer<Input> heard, ActorRef<MeshMessage> self) {
        this.region = region;
        this.mesh = mesh;
        this.heard = heard;
        this.self = self;
    }

    void ask(Output.AskPromise ask) {
        PromiseRequest request = PromiseRequest.newBuilder()
                .setMesh(mesh.value())
                .setEpoch(ask.epoch().value())
                .setCandidateRegion(region.id().name())
                .setHead(ask.head().toProto())
                .setAutomatic(ask.automatic())
                .build();
        call(
                ask.region(),
                calls -> calls.promise(request, PROMISE_TIMEOUT),
                answer -> heard.accept(answered(ask, answer)),
                why -> heard.accept(new Input.PromiseMissing(ask.region(), ask.epoch(), why)));
    }

    private Input answered(Output.AskPromise ask, PromiseResponse answer) {
        return answer.getGranted()
                ? new Input.PromiseGranted(
                        ask.region(),
                        ask.epoch(),
                        CallInputs.head(answer.getHead()),
                        answer.getWitness(),
                        answer.hasMembers() ? MembersNote.of(answer.getMembers()) : nothingKnown())
                : new Input.PromiseRefused(
                        ask.region(), ask.epoch(), new Epoch(answer.getPromisedEpoch()), answer.getWhy());
    }

    /** Of a region whose version tells nothing of members: it knows of no change. */
    private MembersNote nothingKnown() {
        Position none = Position.before(mesh);
        return new MembersNote(none, none, List.of(), Head.empty(mesh));
    }

    /** Told again by the protocol where it is not answered. */
    void tell(Output.TellMembers tell) {
        NoteMembersRequest request = NoteMembersRequest.newBuilder()
                .setMesh(mesh.value())
                .setHomeRegion(region.id().name())
                .setMembers(tell.note().toProto())
                .build();
        call(
                tell.region(),
                calls -> calls.noteMembers(request, PROMISE_TIMEOUT),
                answer -> {
                    heard.accept(new Input.MembersKept(tell.region(), Position.of(answer.getNoted())));
                    if (!answer.getWhyNot().isEmpty()) {
                        LOG.info(
                                "members not noted: mesh={} region={} reason=\"{}\"",
                                mesh,
                                tell.region(),
                                answer.getWhyNot());
                    }
                },
                why -> LOG.debug("members not told: mesh={} region={} reason=\"{}\"", mesh, tell.region(), why));
    }

    void ask(Output.AskLease ask) {
        LeaseRequest request = LeaseRequest.newBuilder()
                .setMesh(mesh.value())
                .setEpoch(ask.epoch().value())
                .setHomeRegion(region.id().name())
                .setLength(Durations.fromMillis(ask.lengthMillis()))
                .build();
        call(
                ask.region(),
                calls -> calls.lease(request, Duration.ofMillis(ask.lengthMillis())),
                answer -> heard.accept(
                        new Input.LeaseAnswered(ask.region(), ask.epoch(), answer.getGranted(), ask.sentAtMillis())),
                why -> LOG.debug("lease not renewed: mesh={} region={} reason=\"{}\"", mesh, ask.region(), why));
    }

    void fetch(Output.Fetch fetch) {
        ReadLogRequest request = ReadLogRequest.newBuilder()
                .setMesh(mesh.value())
                .setAfterSeq(fetch.afterSeq())
                .setMaxEvents(fetch.max())
                .build();
        call(
                fetch.region(),
                calls -> calls.readLog(request, FETCH_TIMEOUT),
                answer -> {
                    try {
                        heard.accept(new Input.Fetched(
                                fetch.region(), fetch.afterSeq(), CallInputs.envelopes(answer.getEnvelopesList())));
                    } catch (InvalidProtocolBufferException e) {
                        heard.accept(new Input.FetchFailed(fetch.region(), Failures.reason(e)));
                    }
                },
                why -> heard.accept(new Input.FetchFailed(fetch.region(), why)));
    }

    /** Not answered: the record comes back with the log. */
    void report(Output.ReportTail report) {
        CompletableFuture<List<EventEnvelope>> tail = region.reads()
                .supply(() -> region.reader().readTail(mesh, report.tail(), report.afterSeq(), REPORTED_EVENTS));
        var _ = tail.whenComplete((events, failure) -> {
            if (events == null) {
                LOG.warn(
                        "divergent branch cannot be read: mesh={} branch={} reason=\"{}\"",
                        mesh,
                        report.tail().branch(),
                        Failures.reason(failure));
                return;
            }
            send(report, events);
        });
    }

    private void send(Output.ReportTail report, List<EventEnvelope> events) {
        ReportBranchRequest request = ReportBranchRequest.newBuilder()
                .setMesh(mesh.value())
                .setOriginRegion(region.id().name())
                .setFork(CallInputs.head(report.tail().fork()))
                .addAllEnvelopes(events.stream().map(EventEnvelope::toProto).toList())
                .build();
        if (report.home().equals(region.id().name())) {
            self.tell(new MeshMessage.Call(request, region.deaf()));
            return;
        }
        Optional<RegionId> home = region.peers().byName(report.home()).map(PeerRegions.Peer::id);
        home.ifPresent(id -> call(
                id,
                calls -> calls.reportBranch(request, REPORT_TIMEOUT),
                answer -> {
                    if (!answer.getWhyNot().isEmpty()) {
                        LOG.info(
                                "divergent branch not recorded yet: mesh={} branch={} home={} reason=\"{}\"",
                                mesh,
                                report.tail().branch(),
                                id,
                                answer.getWhyNot());
                    }
                },
                why -> LOG.info(
                        "divergent branch not reported yet: mesh={} branch={} home={} reason=\"{}\"",
                        mesh,
                        report.tail().branch(),
                        id,
                        why)));
    }

    private <T> void call(
            RegionId to, Function<PeerCalls, CompletionStage<T>> call, Consumer<T> then, Consumer<String> failed) {
        CompletionStage<T> answer;
        try {
            answer = region.peers()
                    .byIndex(to.index())
                    .map(peer -> call.apply(peer.calls()))
                    .orElseGet(() -> CompletableFuture.failedStage(
                            new IllegalStateException("region " + to + " is not a peer any more")));
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedStage(e);
        }
        var _ = answer.whenComplete((value, failure) -> {
            try {
                if (value == null) {
                    failed.accept(failure == null ? "no answer" : Failures.reason(failure));
                } else {
                    then.accept(value);
                }
            } catch (IllegalArgumentException e) {
                failed.accept("an answer that cannot be read: " + e.getMessage());
            }
        });
    }
}
