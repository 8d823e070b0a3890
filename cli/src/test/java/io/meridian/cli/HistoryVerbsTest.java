package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.At;
import io.meridian.api.admin.v1.DiffRequest;
import io.meridian.api.admin.v1.DiffResponse;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.GetEventRequest;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.GetStateAtRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.ListEventsRequest;
import io.meridian.api.admin.v1.ListEventsResponse;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.ObjectDiff;
import io.meridian.api.admin.v1.StateAt;
import io.meridian.api.admin.v1.WatchEventsRequest;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HistoryVerbsTest {
    private static final String UNIFIED = """
            --- a/VirtualService default/reviews
            +++ b/VirtualService default/reviews
            @@ -1,2 +1,2 @@
             hosts:
            -- a
            +- b
            """;

    private final List<Object> requests = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new History(), new Meshes());

    @AfterEach
    void stop() {
        server.close();
    }

    private static final class Meshes extends MeshServiceGrpc.MeshServiceImplBase {
        @Override
        public void getMesh(GetMeshRequest request, StreamObserver<Mesh> answer) {
            answer.onNext(Bookinfo.mesh());
            answer.onCompleted();
        }
    }

    private final class History extends HistoryServiceGrpc.HistoryServiceImplBase {
        @Override
        public void listEvents(ListEventsRequest request, StreamObserver<ListEventsResponse> answer) {
            requests.add(request);
            boolean first = request.getPageToken().isEmpty();
            answer.onNext(ListEventsResponse.newBuilder()
                    .addEvents(Bookinfo.event(first ? 12 : 11, first ? "applied 1 resource" : "created mesh bookinfo"))
                    .setNextPageToken(first ? "more" : "")
                    .setHead(Bookinfo.position(64, 12))
                    .build());
            answer.onCompleted();
        }

        @Override
        public void getEvent(GetEventRequest request, StreamObserver<Event> answer) {
            requests.add(request);
            answer.onNext(Bookinfo.event(12, "applied 1 resource").toBuilder()
                    .setDiff(UNIFIED)
                    .build());
            answer.onCompleted();
        }

        @Override
        public void getStateAt(GetStateAtRequest request, StreamObserver<StateAt> answer) {
            requests.add(request);
            long seq = request.getAt().getSeq();
            answer.onNext(StateAt.newBuilder()
                    .setPosition(Bookinfo.position(0, seq))
                    .setTime(Bookinfo.time("2026-11-24T09:00:00Z"))
                    .setStateHash("ab12")
                    .setYaml("kind: Mesh\n")
                    .build());
            answer.onCompleted();
        }

        @Override
        public void diff(DiffRequest request, StreamObserver<DiffResponse> answer) {
            requests.add(request);
            DiffResponse.Builder response = DiffResponse.newBuilder();
            if (request.getFrom().getSeq() != request.getTo().getSeq()) {
                response.setUnified(UNIFIED)
                        .addObjects(ObjectDiff.newBuilder()
                                .setObject("VirtualService default/reviews")
                                .setChange(ObjectDiff.Change.MODIFIED)
                                .setUnified(UNIFIED));
            }
            answer.onNext(response.build());
            answer.onCompleted();
        }

        @Override
        public void watchEvents(WatchEventsRequest request, StreamObserver<Event> answer) {
            requests.add(request);
            answer.onNext(Bookinfo.event(
                    request.getAfter().getSeq() + 1,
                    "event after " + request.getAfter().getSeq()));
            // The server goes away after each event: the watch has to go on where it was.
            answer.onError(Status.UNAVAILABLE.asRuntimeException());
        }
    }

    private Cli cli() {
        return Cli.on(server.address()).with("MERIDIAN_MESH", "bookinfo");
    }

    @Test
    void historyIsATableOfWhoDidWhatAndWhy() {
        assertThat(cli().run("history", "--mesh", "bookinfo").out()).isEqualTo("""
                        POSITION   AGE   ACTOR      CHANNEL   WHAT                 REASON
                        64.12      30s   ada@desk   cli       applied 1 resource   canary
                        64.11   30s   ada@desk   cli   created mesh bookinfo   canary
                        """);
    }

    @Test
    void historyAsJsonHasAllEventsAndTheHead() {
        String json = cli().run("history", "-o", "json").out();
        assertThat(json)
                .startsWith("{\n  \"events\": [\n    {\n      \"name\": \"meshes/bookinfo/events/64.12\",\n")
                .contains("\"seq\": 12")
                .contains("\"time\": \"2026-11-24T09:59:30Z\"")
                .endsWith("\"head\": {\n    \"mesh\": \"bookinfo\",\n    \"epoch\": 64,\n    \"seq\": 12\n  }\n}\n");
    }

    @Test
    void historyFiltersAndLimits() {
        Run run = cli().run("history", "--object", "vs/reviews", "--limit", "1", "--ascending", "-o", "name");
        assertThat(run.out()).isEqualTo("64.12\n");
        ListEventsRequest request = (ListEventsRequest) requests.getFirst();
        assertThat(request.getObject()).isEqualTo("virtualservice/default/reviews");
        assertThat(request.getAscending()).isTrue();
        assertThat(request.getPageSize()).isEqualTo(1);
        cli().run("history", "--object", "cluster/k8s-1", "--limit", "1");
        assertThat(((ListEventsRequest) requests.getLast()).getObject()).isEqualTo("cluster/k8s-1");
        assertThat(cli().run("history", "--limit", "0").exitCode()).isEqualTo(2);
    }

    @Test
    void oneEventShowsItsDifference() {
        assertThat(cli().run("history", "64.12").out()).isEqualTo("""
                        Position:  64.12
                        What:      applied 1 resource
                        Type:      ResourcesApplied
                        Time:      2026-11-24T09:59:30Z
                        Actor:     ada@desk (claimed)
                        Channel:   cli
                        Peer:      127.0.0.1:40000
                        Reason:    canary
                        Region:    us-1
                        Command:   c-12
                        Objects:   VirtualService default/reviews

                        """ + UNIFIED);
    }

    @Test
    void aWatchGoesOnWhereItWasWhenTheServerGoesAway() {
        Run run = cli().run("history", "--watch", "--limit", "2");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("""
                        64.13  2026-11-24T09:59:30Z  ada@desk  event after 12  (canary)
                        64.14  2026-11-24T09:59:30Z  ada@desk  event after 13  (canary)
                        """);
        assertThat(cli().run("history", "--watch", "--after", "64.3", "--limit", "1", "-o", "json")
                        .out()
                        .lines())
                .hasSize(1)
                .allMatch(line -> line.startsWith("{\"name\":\"meshes/bookinfo/events/64.4\","));
    }

    @Test
    void showPrintsTheStateAsYaml() {
        assertThat(cli().run("show", "--mesh", "bookinfo", "--at", "7", "-o", "yaml")
                        .out())
                .isEqualTo("kind: Mesh\n");
        assertThat(((GetStateAtRequest) requests.getLast()).getAt())
                .isEqualTo(At.newBuilder().setSeq(7).build());
        assertThat(cli().run("show", "--at", "64.7", "-o", "json").out())
                .contains("\"stateHash\": \"ab12\"")
                .doesNotContain("yaml");
        assertThat(((GetStateAtRequest) requests.getLast()).getAt().getPosition())
                .isEqualTo(Bookinfo.position(64, 7));
    }

    @Test
    void aPointInTimeIsATimeOrHowLongAgo() {
        cli().run("show", "--at", "2026-11-24T10:30:00+01:00");
        assertThat(((GetStateAtRequest) requests.getLast()).getAt().getTime())
                .isEqualTo(Bookinfo.time("2026-11-24T09:30:00Z"));
        cli().run("show", "--at", "10m");
        assertThat(((GetStateAtRequest) requests.getLast()).getAt().getTime())
                .isEqualTo(Bookinfo.time("2026-11-24T09:50:00Z"));
        Run run = cli().run("show", "--at", "noon");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("\"noon\" is neither a position").contains("nor a time");
    }

    @Test
    void diffEndsWithOneIfAnythingDiffers() {
        assertThat(cli().run("diff", "--at", "3", "--at", "5")).isEqualTo(new Run(1, UNIFIED, ""));
        assertThat(cli().run("diff", "--at", "3", "--at", "3")).isEqualTo(new Run(0, "", ""));
        assertThat(cli().run("diff", "--at", "3", "--at", "5", "-o", "name").out())
                .isEqualTo("VirtualService default/reviews\n");
        assertThat(cli().run("diff", "--at", "1", "--at", "2", "--at", "3").exitCode())
                .isEqualTo(2);
    }

    @Test
    void diffHasColorsOnATerminalOnly() {
        assertThat(cli().colors().run("diff", "--at", "3", "--at", "5").out())
                .contains("\u001b[31m-- a\u001b[0m\n")
                .contains("\u001b[32m+- b\u001b[0m\n");
    }
}
