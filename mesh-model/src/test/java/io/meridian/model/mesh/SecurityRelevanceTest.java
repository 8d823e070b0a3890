package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.delete;
import static io.meridian.model.fixture.MeshFixture.mesh;
import static io.meridian.model.fixture.MeshFixture.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.MeshSpec.MtlsMode;
import io.meridian.api.type.v1.MeshSpec.OutboundTrafficPolicy;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.position.RegionId;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is never brought back without an operator. */
class SecurityRelevanceTest {
    private static final ResourceKey RULE = networking("DestinationRule");

    @ParameterizedTest
    @ValueSource(strings = {"AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"})
    void everythingOfTheSecurityGroup(String kind) {
        assertThat(operatorOnly(
                        mesh("m"), apply(put(new ResourceKey("security.istio.io", kind, "default", "x"), "{}"))))
                .isTrue();
    }

    @Test
    void aKindThatCanDoEverything() {
        assertThat(operatorOnly(mesh("m"), apply(put(networking("EnvoyFilter"), "{}"))))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"trafficPolicy\":{\"tls\":{\"mode\":\"DISABLE\"}}}",
                "{\"subsets\":[{\"trafficPolicy\":{\"portLevelSettings\":[{\"tls\":{\"mode\":\"SIMPLE\"}}]}}]}",
                "{\"subjectAltNames\":[\"a\"]}",
            })
    void settingsOfTlsWhereverTheyAre(String spec) {
        MeshFixture plain = mesh("m").apply(put(RULE, "{\"host\":\"a\"}"));
        MeshFixture set = mesh("m").apply(put(RULE, spec));

        assertThat(operatorOnly(plain, apply(put(RULE, spec)))).isTrue();
        assertThat(operatorOnly(set, apply(put(RULE, "{\"host\":\"a\"}")))).isTrue();
        assertThat(operatorOnly(set, apply(delete(RULE)))).isTrue();
    }

    @Test
    void notTheRestOfAnObjectWhoseSettingsOfTlsStay() {
        MeshFixture set =
                mesh("m").apply(put(RULE, "{\"host\":\"a\",\"trafficPolicy\":{\"tls\":{\"mode\":\"SIMPLE\"}}}"));

        assertThat(operatorOnly(
                        set, apply(put(RULE, "{\"host\":\"b\",\"trafficPolicy\":{\"tls\":{\"mode\":\"SIMPLE\"}}}"))))
                .isFalse();
        assertThat(operatorOnly(mesh("m"), apply(put(RULE, "{\"host\":\"b\"}"))))
                .isFalse();
    }

    @Test
    void aMeshThatBecomesWeaker() {
        MeshFixture strict = with(
                mesh("m"),
                spec -> spec.setMtlsMode(MtlsMode.MTLS_STRICT)
                        .setOutboundTrafficPolicy(OutboundTrafficPolicy.REGISTRY_ONLY));

        assertThat(operatorOnly(strict, change(strict, spec -> spec.setMtlsMode(MtlsMode.MTLS_PERMISSIVE))))
                .isTrue();
        assertThat(operatorOnly(
                        strict, change(strict, spec -> spec.setOutboundTrafficPolicy(OutboundTrafficPolicy.ALLOW_ANY))))
                .isTrue();
        assertThat(operatorOnly(strict, change(strict, spec -> spec.setTrustDomain("other"))))
                .isTrue();
        assertThat(operatorOnly(strict, change(strict, spec -> spec.setRootNamespace("default"))))
                .isTrue();
        assertThat(operatorOnly(strict, change(strict, spec -> spec.setDisplayName("x"))))
                .isFalse();
        assertThat(operatorOnly(strict, new MeshCommand.DeleteMesh())).isTrue();
    }

    @Test
    void notAMeshThatBecomesStronger() {
        MeshFixture mesh = mesh("m");

        assertThat(operatorOnly(mesh, change(mesh, spec -> spec.setMtlsMode(MtlsMode.MTLS_STRICT))))
                .isFalse();
    }

    @Test
    void labelsOfANamespaceThatIstioReads() {
        MeshFixture mesh = mesh("m").withNamespace("shop");

        assertThat(operatorOnly(mesh, label("istio-injection"))).isTrue();
        assertThat(operatorOnly(mesh, label("istio.io/rev"))).isTrue();
        assertThat(operatorOnly(mesh, label("team"))).isFalse();
    }

    @Test
    void whatBuildsOnSuchAChange() {
        Diverged mesh = new Diverged(with(mesh("m"), spec -> spec.setMtlsMode(MtlsMode.MTLS_STRICT)));
        mesh.old.accept(change(mesh.old, spec -> spec.setMtlsMode(MtlsMode.MTLS_DISABLE)));
        mesh.old.accept(change(mesh.old, spec -> spec.setDisplayName("and more")));

        assertThat(mesh.assess()).extracting(BranchEntry::operatorOnly).containsExactly(true, true);
    }

    private static boolean operatorOnly(MeshFixture common, MeshCommand then) {
        MeshFixture old = common.takenOver(
                new RegionId("ap-1", 3), common.state().head().position().seq());
        Diverged mesh = new Diverged(old);
        old.accept(then);
        return mesh.assess().getFirst().operatorOnly();
    }

    private static MeshFixture with(MeshFixture mesh, UnaryOperator<MeshSpec.Builder> change) {
        return mesh.accept(change(mesh, change));
    }

    private static MeshCommand change(MeshFixture mesh, UnaryOperator<MeshSpec.Builder> change) {
        return new MeshCommand.UpdateMesh(
                change.apply(mesh.state().spec().toBuilder()).build());
    }

    private static MeshCommand label(String key) {
        return new MeshCommand.UpdateNamespace(
                "shop", NamespaceSpec.newBuilder().putLabels(key, "x").build());
    }

    private static MeshCommand apply(MeshCommand.ResourceIntent intent) {
        return new MeshCommand.ApplyResources(List.of(intent));
    }

    private static ResourceKey networking(String kind) {
        return new ResourceKey("networking.istio.io", kind, "default", "x");
    }
}
