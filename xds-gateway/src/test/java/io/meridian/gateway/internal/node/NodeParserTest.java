package io.meridian.gateway.internal.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.meridian.compiler.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeParserTest {
    @Test
    void anIstioNodeIsReadWhole() throws InvalidNodeException {
        ProxyNode node = NodeParser.parse(Node.newBuilder()
                .setId("sidecar~10.0.0.7~reviews-v1-abc.bookinfo~bookinfo.svc.cluster.local")
                .setLocality(Locality.newBuilder().setRegion("eu-1").setZone("a"))
                .setMetadata(Struct.newBuilder()
                        .putFields("MESH_ID", text("bookinfo"))
                        .putFields("CLUSTER_ID", text("k8s-1"))
                        .putFields("NETWORK", text("net-1"))
                        .putFields("INTERCEPTION_MODE", text("NONE"))
                        .putFields("ISTIO_VERSION", text("1.27.0"))
                        .putFields("SERVICE_ACCOUNT", text("reviews"))
                        .putFields("INSTANCE_IPS", text("10.0.0.7,fd00::7"))
                        .putFields(
                                "LABELS",
                                Value.newBuilder()
                                        .setStructValue(Struct.newBuilder().putFields("app", text("reviews")))
                                        .build()))
                .build());

        assertThat(node.mesh()).isEqualTo("bookinfo");
        assertThat(node.version()).isEqualTo("1.27.0");
        assertThat(node.proxy())
                .isEqualTo(new Proxy(
                        "sidecar~10.0.0.7~reviews-v1-abc.bookinfo~bookinfo.svc.cluster.local",
                        Proxy.Type.SIDECAR,
                        List.of("10.0.0.7", "fd00::7"),
                        "reviews-v1-abc",
                        "bookinfo",
                        "bookinfo.svc.cluster.local",
                        "k8s-1",
                        "net-1",
                        "eu-1/a",
                        Map.of("app", "reviews"),
                        Proxy.InterceptionMode.NONE,
                        "1.27.0",
                        "reviews"));
    }

    @Test
    void theIdAloneIsEnough() throws InvalidNodeException {
        Proxy proxy = NodeParser.parse(Node.newBuilder()
                        .setId("router~10.0.0.1~gw.istio-system~")
                        .build())
                .proxy();

        assertThat(proxy.type()).isEqualTo(Proxy.Type.ROUTER);
        assertThat(proxy.namespace()).isEqualTo("istio-system");
        assertThat(proxy.domain()).isEqualTo("istio-system.svc.cluster.local");
        assertThat(proxy.interceptionMode()).isEqualTo(Proxy.InterceptionMode.REDIRECT);
    }

    @Test
    void theGrpcGeneratorMakesAGrpcClient() throws InvalidNodeException {
        Proxy proxy = NodeParser.parse(Node.newBuilder()
                        .setId("sidecar~10.0.0.1~client.default~default.svc.cluster.local")
                        .setMetadata(Struct.newBuilder().putFields("GENERATOR", text("grpc")))
                        .build())
                .proxy();

        assertThat(proxy.type()).isEqualTo(Proxy.Type.GRPC);
    }

    @ParameterizedTest
    @CsvSource({
        "'', node.id is empty",
        "productpage, has 1 parts",
        "sidecar~10.0.0.1~a.b, has 3 parts",
        "ztunnel~10.0.0.1~a.b~c, is of type 'ztunnel'",
        "sidecar~nowhere~a.b~c, no IP address",
        "sidecar~10.0.0.1~~c, no workload name",
    })
    void aBadIdIsRefusedWithWhatIsWrong(String id, String expected) {
        assertThatThrownBy(() -> NodeParser.parse(Node.newBuilder().setId(id).build()))
                .isInstanceOf(InvalidNodeException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining(id);
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }
}
