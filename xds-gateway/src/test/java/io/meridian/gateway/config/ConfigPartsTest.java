package io.meridian.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigPartsTest {
    private static final Position AT = Position.before(new MeshId("bookinfo"));
    private static final TlsCertificate CERTIFICATE = TlsCertificate.newBuilder()
            .setCertificateChain(DataSource.newBuilder().setInlineString("the chain"))
            .setPrivateKey(DataSource.newBuilder().setInlineString("the key"))
            .setPassword(DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8("the password")))
            .build();

    private static String json(XdsType type, Message message) {
        return ConfigJson.of(XdsResource.of(type, "name", message, AT).any());
    }

    @Test
    void privateKeysAreNeverShownAtWhateverDepth() {
        String secret = json(
                XdsType.SECRET,
                Secret.newBuilder().setName("s").setTlsCertificate(CERTIFICATE).build());
        UpstreamTlsContext context = UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder().addTlsCertificates(CERTIFICATE))
                .build();
        String cluster = json(
                XdsType.CLUSTER,
                Cluster.newBuilder()
                        .setName("c")
                        .setTransportSocket(
                                TransportSocket.newBuilder().setName("tls").setTypedConfig(Any.pack(context)))
                        .build());

        String hidden = Base64.getEncoder().encodeToString("the password".getBytes(StandardCharsets.UTF_8));
        for (String shown : List.of(secret, cluster)) {
            assertThat(shown)
                    .contains("the chain")
                    .contains("\"privateKey\":{\"inlineString\":\"[redacted]\"}")
                    .doesNotContain("the key")
                    .doesNotContain(hidden);
        }
        assertThat(cluster)
                .contains(
                        "\"@type\":\"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext\"");
    }

    @Test
    void anUnknownExtensionIsShownAsItsBytes() {
        Any unknown = Any.newBuilder()
                .setTypeUrl("type.googleapis.com/acme.Thing")
                .setValue(ByteString.copyFromUtf8("xyz"))
                .build();

        assertThat(json(
                        XdsType.CLUSTER,
                        Cluster.newBuilder()
                                .setName("c")
                                .setTransportSocket(TransportSocket.newBuilder().setTypedConfig(unknown))
                                .build()))
                .contains("acme.Thing", "\"undecoded\":\"eHl6\"");
    }

    @Test
    void aLargeResourceComesInPiecesAndSmallOnesTogether() {
        XdsResource small = XdsResource.of(
                XdsType.CLUSTER, "small", Cluster.newBuilder().setName("small").build(), AT);
        XdsResource large = XdsResource.of(
                XdsType.CLUSTER,
                "large",
                Cluster.newBuilder()
                        .setName("x".repeat(5 * ConfigParts.PART_BYTES / 2))
                        .build(),
                AT);
        List<List<ServedResource>> parts = new ArrayList<>();
        ConfigParts.of(List.of(
                        new ConfigParts.Served(small, ProxyStatus.State.SYNCED),
                        new ConfigParts.Served(small, ProxyStatus.State.STALE),
                        new ConfigParts.Served(large, ProxyStatus.State.SYNCED)))
                .forEachRemaining(parts::add);

        assertThat(parts).hasSize(3);
        assertThat(parts)
                .allSatisfy(part -> assertThat(part.stream()
                                .mapToInt(ServedResource::getSerializedSize)
                                .sum())
                        .isLessThan(3 * ConfigParts.PART_BYTES));
        List<ServedResource> all = parts.stream().flatMap(List::stream).toList();
        assertThat(all).extracting(ServedResource::getContinued).containsExactly(false, false, true, true, false);
        assertThat(all.get(1).getState()).isEqualTo(ProxyStatus.State.STALE);
        assertThat(all.get(0).getVersion()).isEqualTo(small.version());
        ByteString whole =
                all.subList(2, 5).stream().map(ServedResource::getJson).reduce(ByteString.EMPTY, ByteString::concat);
        assertThat(whole.toStringUtf8()).isEqualTo(ConfigJson.of(large.any()));
    }
}
