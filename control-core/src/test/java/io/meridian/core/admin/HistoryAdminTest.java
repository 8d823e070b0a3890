package io.meridian.core.admin;

import static io.meridian.core.fixture.Bookinfo.apply;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.grpc.Context;
import io.grpc.Status;
import io.meridian.api.admin.v1.At;
import io.meridian.api.admin.v1.DiffRequest;
import io.meridian.api.admin.v1.DiffResponse;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.GetEventRequest;
import io.meridian.api.admin.v1.GetStateAtRequest;
import io.meridian.api.admin.v1.ListEventsRequest;
import io.meridian.api.admin.v1.ListEventsResponse;
import io.meridian.api.admin.v1.ObjectDiff;
import io.meridian.api.admin.v1.StateAt;
import io.meridian.api.admin.v1.WatchEventsRequest;
import io.meridian.api.type.v1.Position;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.core.fixture.Waiting;
import io.meridian.model.log.EventEnvelope;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HistoryAdminTest {
    private final RegionServer server = RegionServer.of(InMemoryRegion.alone());
    private Position one = Position.getDefaultInstance();
    private Position two = Position.getDefaultInstance();

    @BeforeEach
    void create() {
        Bookinfo.create(server);
        one = apply(server, virtualService("a", "one")).getWrite().getPosition();
        two = apply(server, virtualService("a", "two")).getWrite().getPosition();
        var _ = apply(server, virtualService("b", "b"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private List<Event> all(ListEventsRequest.Builder request) {
        List<Event> events = new ArrayList<>();
        request.setParent(Bookinfo.MESH);
        do {
            ListEventsResponse page = server.history().listEvents(request.build());
            events.addAll(page.getEventsList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return events;
    }

    private List<EventEnvelope> log() {
        return server.region().meshes().events(Bookinfo.ID);
    }

    @Test
    void eventsAreListedInBothDirectionsWithoutGaps() {
        List<Long> seqs = log().stream().map(EventEnvelope::seq).toList();

        assertThat(all(ListEventsRequest.newBuilder().setAscending(true).setPageSize(3)))
                .extracting(event -> event.getPosition().getSeq())
                .isEqualTo(seqs);
        assertThat(all(ListEventsRequest.newBuilder().setPageSize(3)))
                .extracting(event -> event.getPosition().getSeq())
                .isEqualTo(seqs.reversed());
    }

    @Test
    void newEventsDoNotShiftThePagesOfAList() {
        ListEventsRequest.Builder request =
                ListEventsRequest.newBuilder().setParent(Bookinfo.MESH).setPageSize(2);
        ListEventsResponse first = server.history().listEvents(request.build());
        var _ = apply(server, virtualService("c", "c"));

        ListEventsResponse second = server.history()
                .listEvents(request.setPageToken(first.getNextPageToken()).build());

        assertThat(second.getEvents(0).getPosition().getSeq())
                .isEqualTo(first.getEvents(1).getPosition().getSeq() - 1);
    }

    @Test
    void onlyEventsThatTouchAnObjectAreListed() {
        assertThat(all(ListEventsRequest.newBuilder().setObject("virtualservice/default/a")))
                .extracting(Event::getSummary)
                .containsExactly("configured VirtualService default/a", "created VirtualService default/a");
        assertThat(all(ListEventsRequest.newBuilder().setObject("vs/b"))).hasSize(1);
        assertThat(all(ListEventsRequest.newBuilder().setObject("cluster/k8s-1")))
                .extracting(Event::getSummary)
                .containsExactly("added cluster k8s-1 (KUBERNETES_MANAGED)");
        Failures failure = Failures.of(() -> all(ListEventsRequest.newBuilder().setObject("pod/a")));
        assertThat(failure.fields().getFirst().getField()).isEqualTo("object");
    }

    @Test
    void theFullViewHasPayloadAndDiffAndTheRawOneTheBytes() {
        Event full = all(ListEventsRequest.newBuilder().setView(EventView.FULL).setPageSize(2))
                .get(1);
        Event raw = all(ListEventsRequest.newBuilder().setView(EventView.RAW)).get(1);
        Event basic = all(ListEventsRequest.newBuilder()).get(1);

        assertThat(full.getPosition()).isEqualTo(two);
        assertThat(full.getDiff()).contains("-  - one\n+  - two\n");
        assertThat(full.getPayload()
                        .getFieldsOrThrow("changes")
                        .getListValue()
                        .getValues(0)
                        .getStructValue()
                        .getFieldsOrThrow("put")
                        .getStructValue()
                        .getFieldsOrThrow("spec")
                        .getStructValue()
                        .getFieldsMap())
                .containsKey("hosts");
        assertThat(raw.getEnvelope())
                .isEqualTo(log().get((int) two.getSeq() - 1).toProto());
        assertThat(basic.hasPayload() || basic.hasEnvelope()).isFalse();
        assertThat(basic.getHash())
                .isEqualTo(log().get((int) two.getSeq() - 1).hash().hex());
    }

    @Test
    void allEventsHaveAFullView() {
        List<Event> events =
                all(ListEventsRequest.newBuilder().setView(EventView.FULL).setAscending(true));

        assertThat(events).allSatisfy(event -> assertThat(event.hasPayload()).isTrue());
        assertThat(events.get(1).getDiff()).contains("+++ b/mesh bookinfo");
    }

    @Test
    void oneEventIsFoundByItsPosition() {
        Event event = server.history()
                .getEvent(GetEventRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setPosition(two)
                        .setView(EventView.FULL)
                        .build());

        assertThat(event.getName()).isEqualTo("meshes/bookinfo/events/" + two.getEpoch() + "." + two.getSeq());
        assertThat(event.getDiff()).contains("+  - two");
        Failures beyond = Failures.of(() -> server.history()
                .getEvent(GetEventRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setPosition(two.toBuilder().setSeq(99))
                        .build()));
        assertThat(beyond.code()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(beyond.reason()).isEqualTo("POSITION_NOT_FOUND");
        Failures otherEpoch = Failures.of(() -> server.history()
                .getEvent(GetEventRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setPosition(two.toBuilder().setEpoch(two.getEpoch() + 64))
                        .build()));
        assertThat(otherEpoch.reason()).isEqualTo("ROLLED_BACK");
    }

    @Test
    void theStateIsToldAtAPositionASeqATimeAndTheHead() {
        StateAt byPosition = at(At.newBuilder().setPosition(one));
        StateAt bySeq = at(At.newBuilder().setSeq(one.getSeq()));
        Timestamp time = byPosition.getTime();
        StateAt byTime = at(At.newBuilder().setTime(time));
        StateAt newest = at(At.newBuilder());

        assertThat(byPosition.getPosition()).isEqualTo(one);
        assertThat(byPosition.getYaml()).contains("kind: Mesh", "- one").doesNotContain("- two");
        assertThat(bySeq).isEqualTo(byPosition);
        assertThat(byTime).isEqualTo(byPosition);
        assertThat(newest.getYaml()).contains("- two");
        assertThat(newest.getState().getResourcesCount()).isEqualTo(2);
        Failures early = Failures.of(
                () -> at(At.newBuilder().setTime(Timestamp.newBuilder().setSeconds(1))));
        assertThat(early.code()).isEqualTo(Status.Code.NOT_FOUND);
        Failures beyond = Failures.of(() -> at(At.newBuilder().setSeq(99)));
        assertThat(beyond.reason()).isEqualTo("POSITION_NOT_FOUND");
        Failures nonsense = Failures.of(
                () -> at(At.newBuilder().setTime(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))));
        assertThat(nonsense.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private StateAt at(At.Builder at) {
        return server.history()
                .getStateAt(GetStateAtRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setAt(at)
                        .build());
    }

    @Test
    void twoPositionsAreCompared() {
        DiffResponse diff = server.history()
                .diff(DiffRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setFrom(At.newBuilder().setPosition(one))
                        .build());

        assertThat(diff.getObjectsList())
                .extracting(object -> object.getObject() + " " + object.getChange())
                .containsExactly(
                        "VirtualService default/a " + ObjectDiff.Change.MODIFIED,
                        "VirtualService default/b " + ObjectDiff.Change.ADDED);
        assertThat(diff.getUnified()).contains("-  - one", "+  - two");
        assertThat(diff.getFrom()).isEqualTo(one);
    }

    @Test
    void aWatchTellsWhatFollowsAPositionAndThenWhatComes() {
        List<Event> seen = new ArrayList<>();
        try (Context.CancellableContext context = Context.current().withCancellation()) {
            context.run(() -> {
                Iterator<Event> watch = server.history()
                        .watchEvents(WatchEventsRequest.newBuilder()
                                .setParent(Bookinfo.MESH)
                                .setAfter(one)
                                .setView(EventView.FULL)
                                .build());
                seen.add(watch.next());
                seen.add(watch.next());
                var _ = apply(server, virtualService("c", "c"));
                seen.add(watch.next());
            });
        }

        assertThat(seen)
                .extracting(Event::getSummary)
                .containsExactly(
                        "configured VirtualService default/a",
                        "created VirtualService default/b",
                        "created VirtualService default/c");
        assertThat(seen.getFirst().getDiff()).contains("+  - two");
        Waiting.until("the watch is closed", () -> server.region().meshes().watchers() == 0);
    }

    @Test
    void aWatchWithoutAPositionBeginsWithTheNextEvent() {
        try (Context.CancellableContext context = Context.current().withCancellation()) {
            context.run(() -> {
                Iterator<Event> watch = server.history()
                        .watchEvents(WatchEventsRequest.newBuilder()
                                .setParent(Bookinfo.MESH)
                                .build());
                Waiting.until(
                        "the log is watched", () -> server.region().meshes().watchers() == 1);
                var _ = apply(server, virtualService("c", "c"));

                assertThat(watch.next().getSummary()).isEqualTo("created VirtualService default/c");
            });
        }
    }

    @Test
    void aWatchEndsWhenItsBranchIsAbandoned() {
        Failures failure = Failures.of(() -> {
            Iterator<Event> watch = server.history()
                    .watchEvents(WatchEventsRequest.newBuilder()
                            .setParent(Bookinfo.MESH)
                            .build());
            Waiting.until("the log is watched", () -> server.region().meshes().watchers() == 1);
            server.region()
                    .meshes()
                    .fork(Bookinfo.ID, one.getSeq(), server.region().id());
            var _ = watch.next();
        });

        assertThat(failure.reason()).isEqualTo("ROLLED_BACK");
    }

    @Test
    void aWatchOfAnUnknownMeshEnds() {
        Failures failure = Failures.of(() -> {
            var _ = server.history()
                    .watchEvents(WatchEventsRequest.newBuilder()
                            .setParent("meshes/absent")
                            .build())
                    .next();
        });

        assertThat(failure.reason()).isEqualTo("MESH_NOT_FOUND");
    }
}
