package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.List;
import org.junit.jupiter.api.Test;

class XdsResourceTest {
    private static final Position POSITION = Position.before(new MeshId("m"));

    private static Fragment text(String text) {
        return Fragment.of(ByteString.copyFromUtf8(text));
    }

    private static void assertIsWrapped(XdsResource resource, ByteString value) throws Exception {
        Any any = Any.newBuilder()
                .setTypeUrl(resource.type().typeUrl())
                .setValue(value)
                .build();
        assertThat(resource.any()).isEqualTo(any.toByteString());
        assertThat(Resource.parseFrom(resource.delta()))
                .isEqualTo(Resource.newBuilder()
                        .setName(resource.name())
                        .setVersion(resource.version())
                        .setResource(any)
                        .build());
        assertThat(resource.delta())
                .isEqualTo(Resource.parseFrom(resource.delta()).toByteString());
    }

    @Test
    void itsFormsAreTheSerializedMessages() throws Exception {
        RouteConfiguration.Builder message = RouteConfiguration.newBuilder().setName("80");
        for (int i = 0; i < 100; i++) {
            message.addVirtualHosts(
                    VirtualHost.newBuilder().setName("host-" + i).addDomains("host-" + i));
        }
        for (RouteConfiguration routes : List.of(message.build(), RouteConfiguration.getDefaultInstance())) {
            ByteString value = routes.toByteString();
            assertIsWrapped(XdsResource.of(XdsType.ROUTE, "80", routes, POSITION), value);
            assertIsWrapped(XdsResource.of(XdsType.ROUTE, "", routes, POSITION), value);
        }
    }

    @Test
    void aVersionIsOfTheContentAlone() {
        Position later = new Position(new MeshId("m"), new Epoch(65), 7);
        XdsResource one = XdsResource.of(XdsType.ROUTE, "a", text("content"), POSITION);

        assertThat(XdsResource.of(XdsType.ROUTE, "a", text("content"), later)).isEqualTo(one);
        assertThat(XdsResource.of(XdsType.ROUTE, "b", text("content"), POSITION))
                .isNotEqualTo(one)
                .extracting(XdsResource::version)
                .isEqualTo(one.version());
        assertThat(XdsResource.of(XdsType.ROUTE, "a", text("other"), POSITION)).isNotEqualTo(one);
        // Written down once: it may not change from one run or release to the next without need.
        assertThat(one.version()).hasSize(22).isEqualTo("WM1tbacDAmh-kdBSgN9YSw");
    }

    @Test
    void whatIsPutTogetherIsToldByItsParts() {
        Fragment ab = Fragment.copied(List.of(text("a"), text("b")));

        assertThat(ab.bytes().toStringUtf8()).isEqualTo("ab");
        assertThat(Fragment.joined(List.of(text("a"), text("b")))).isEqualTo(ab).hasSameHashCodeAs(ab);
        assertThat(Fragment.joined(List.of(text("a"), text("b"))).bytes()).isEqualTo(ab.bytes());
        assertThat(Fragment.copied(List.of(text("b"), text("a")))).isNotEqualTo(ab);
        assertThat(Fragment.copied(List.of(text("a")))).isNotEqualTo(text("a"));
        assertThat(Fragment.copied(List.of(ab, text("c"))).version())
                .isNotEqualTo(Fragment.copied(List.of(text("a"), Fragment.copied(List.of(text("b"), text("c")))))
                        .version());
    }
}
