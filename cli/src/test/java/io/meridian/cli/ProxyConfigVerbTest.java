package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.GetProxyConfigRequest;
import io.meridian.api.admin.v1.ProxyConfigPart;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProxyConfigVerbTest {
    private static final String ROUTE = """
            {"name":"9080","virtualHosts":[{"name":"reviews.default.svc.cluster.local:9080",\
            "domains":["reviews","reviews.default","reviews.default.svc","10.0.0.1"],"routes":[\
            {"match":{"prefix":"/api","headers":[{"name":"end-user"}]},"route":{"weightedClusters":{"clusters":[\
            {"name":"outbound|9080|v1|reviews","weight":90},{"name":"outbound|9080|v2|reviews","weight":10}]}}},\
            {"match":{"prefix":"/"},"route":{"cluster":"outbound|9080||reviews"}}]}]}""";

    private final List<GetProxyConfigRequest> requests = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new Proxies());

    @AfterEach
    void stop() {
        server.close();
    }

    private final class Proxies extends ProxyServiceGrpc.ProxyServiceImplBase {
        @Override
        public void getProxyConfig(GetProxyConfigRequest request, StreamObserver<ProxyConfigPart> answer) {
            requests.add(request);
            if (request.getNode().equals("nobody")) {
                answer.onError(Status.NOT_FOUND.withDescription("no such proxy").asRuntimeException());
                return;
            }
            ProxyConfigPart.Builder head = ProxyConfigPart.newBuilder()
                    .setProxy(Bookinfo.proxy("reviews-v1", ProxyStatus.State.SYNCED, 12, ""))
                    .setPosition(Bookinfo.position(64, 12));
            if (request.hasAt()) {
                head.addNotes("with the inventory of now");
            }
            if (request.getName().isEmpty()) {
                head.addResources(
                        resource("CDS", "outbound|9080|v1|reviews.default.svc.cluster.local", "{\"type\":\"EDS\"}"));
                head.addResources(
                        resource(
                                "EDS",
                                "outbound|9080|v1|reviews.default.svc.cluster.local",
                                "{\"endpoints\":[{\"locality\":{\"region\":\"eu\",\"zone\":\"a\"},\"lbEndpoints\":[{\"endpoint\":"
                                        + "{\"address\":{\"socketAddress\":{\"address\":\"10.0.0.7\",\"portValue\":9080}}}}]}]}"));
                head.addResources(resource(
                        "LDS",
                        "0.0.0.0_9080",
                        "{\"address\":{\"socketAddress\":{\"address\":\"0.0.0.0\",\"portValue\":9080}},\"filterChains\":"
                                + "[{\"filters\":[{\"typedConfig\":{\"@type\":\"type.googleapis.com/envoy.x.v3.HttpConnectionManager\","
                                + "\"rds\":{\"routeConfigName\":\"9080\"}}}]}]}"));
            }
            answer.onNext(head.build());
            if (request.getName().isEmpty() || request.getName().equals("9080")) {
                // In two pieces, as a large one comes.
                ServedResource whole = resource("RDS", "9080", ROUTE);
                answer.onNext(ProxyConfigPart.newBuilder()
                        .addResources(whole.toBuilder()
                                .setJson(whole.getJson().substring(0, 100))
                                .setContinued(true))
                        .build());
                answer.onNext(ProxyConfigPart.newBuilder()
                        .addResources(whole.toBuilder().setJson(whole.getJson().substring(100)))
                        .build());
            }
            answer.onCompleted();
        }
    }

    private static ServedResource resource(String type, String name, String json) {
        return ServedResource.newBuilder()
                .setType(type)
                .setName(name)
                .setVersion("0123abcd")
                .setCompiledFrom(Bookinfo.position(64, 11))
                .setState(ProxyStatus.State.SYNCED)
                .setSizeBytes(300)
                .setJson(ByteString.copyFromUtf8(json))
                .build();
    }

    private Cli cli() {
        return Cli.on(server.address()).with("MERIDIAN_MESH", "bookinfo");
    }

    @Test
    void everyTypeIsATable() {
        Run run = cli().run("proxy-config", "reviews-v1.default");

        assertThat(run.out()).isEqualTo("""
                SERVICE FQDN                        PORT   SUBSET   DIRECTION   TYPE   VERSION    STATE
                reviews.default.svc.cluster.local   9080   v1       outbound    EDS    0123abcd   SYNCED

                LISTENER       ADDRESS   PORT   DESTINATION   VERSION    STATE
                0.0.0.0_9080   0.0.0.0   9080   Route: 9080   0123abcd   SYNCED

                ROUTE   VIRTUAL HOST                             DOMAINS                                                  MATCH              DESTINATION                                                VERSION    STATE
                9080    reviews.default.svc.cluster.local:9080   reviews, reviews.default, reviews.default.svc + 1 more   /api* (end-user)   outbound|9080|v1|reviews 90, outbound|9080|v2|reviews 10   0123abcd   SYNCED
                9080    reviews.default.svc.cluster.local:9080   reviews, reviews.default, reviews.default.svc + 1 more   /*                 outbound|9080||reviews                                     0123abcd   SYNCED

                CLUSTER                                              ENDPOINT        STATUS    LOCALITY   VERSION    STATE
                outbound|9080|v1|reviews.default.svc.cluster.local   10.0.0.7:9080   HEALTHY   eu/a       0123abcd   SYNCED
                """);
        assertThat(run.err()).startsWith("at 64.12 sidecar~127.0.0.1~reviews-v1.default~");
        assertThat(requests.getFirst().getTypesList()).isEmpty();
        assertThat(requests.getFirst().hasAt()).isFalse();
    }

    @Test
    void theTypeMayStandBeforeTheProxyAsIstioctlHasIt() {
        cli().run("pc", "route", "reviews-v1.default", "--name", "9080", "--at", "64.11");
        cli().run("proxy-config", "reviews-v1.default", "EDS");

        assertThat(requests).extracting(GetProxyConfigRequest::getNode).containsOnly("reviews-v1.default");
        assertThat(requests.getFirst().getTypesList()).containsExactly("RDS");
        assertThat(requests.getFirst().getName()).isEqualTo("9080");
        assertThat(requests.getFirst().getAt().getPosition()).isEqualTo(Bookinfo.position(64, 11));
        assertThat(requests.getLast().getTypesList()).containsExactly("EDS");
    }

    @Test
    void jsonHasTheConfigurationWithItsVersionAndWhereItCameFrom() {
        Run run = cli().run("pc", "reviews-v1.default", "routes", "--name", "9080", "--at", "64.11", "-o", "json");

        assertThat(run.out())
                .startsWith("{\n  \"node\": \"sidecar~")
                .contains("\"version\": \"0123abcd\"", "\"state\": \"SYNCED\"", "\"seq\": 11", "\"weight\": 90")
                .contains("\"config\": {\n        \"name\": \"9080\"")
                .doesNotContain("continued");
        assertThat(run.err()).isEqualTo("Warning: with the inventory of now\n");
    }

    @Test
    void badInputSaysWhatIsAllowed() {
        assertThat(cli().run("pc", "reviews-v1.default", "filters"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err())
                        .contains("TYPE: \"filters\" is none of clusters, listeners, routes, endpoints, secrets, all"));
        assertThat(cli().run("pc", "reviews-v1.default", "routes", "--name", "none"))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(4))
                .satisfies(run -> assertThat(run.err()).contains("no routes resource is called \"none\""));
        assertThat(cli().run("pc", "reviews-v1.default", "--at", "yesterday").err())
                .contains("--at: \"yesterday\" is neither a position");
        assertThat(cli().run("pc", "nobody").exitCode()).isEqualTo(4);
        assertThat(requests).hasSize(2);
    }
}
