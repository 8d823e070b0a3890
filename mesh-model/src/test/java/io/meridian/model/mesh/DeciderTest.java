package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.delete;
import static io.meridian.model.fixture.MeshFixture.mesh;
import static io.meridian.model.fixture.MeshFixture.put;
import static io.meridian.model.fixture.MeshFixture.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.IngressGatewaySpec.PortMapping;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.fixture.PermissiveRules;
import io.meridian.model.mesh.MeshCommand.ApplyResources;
import io.meridian.model.mesh.MeshCommand.Put;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DeciderTest {
    private static final ResourceKey REVIEWS = virtualService("default", "reviews");
    private static final ClusterSpec KUBERNETES = ClusterSpec.newBuilder()
            .setType(ClusterSpec.Type.KUBERNETES_MANAGED)
            .build();

    /** A mesh with cluster k8s-1, ingress gateway public, namespace shop, and VirtualService default/reviews. */
    private static MeshFixture bookinfo() {
        return mesh("bookinfo")
                .withCluster("k8s-1")
                .withIngressGateway("public", "k8s-1")
                .withNamespace("shop")
                .apply(put(REVIEWS, "{\"hosts\":[\"a\"]}"));
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal(
                        new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()),
                        RejectionCode.MESH_ALREADY_EXISTS,
                        "name"),
                refusal(update(MeshSpec.newBuilder().setVersion("1.26")), RejectionCode.INVALID_FIELD, "spec.version"),
                refusal(
                        update(MeshSpec.newBuilder()
                                .setAccessLog(MeshSpec.AccessLog.newBuilder().setFormat("%REQ(:PATH)% %NOPE%"))),
                        RejectionCode.INVALID_FIELD,
                        "spec.access_log.format"),
                refusal(update(sampling(101)), RejectionCode.INVALID_FIELD, "spec.tracing.sampling_percent"),
                refusal(update(sampling(-1)), RejectionCode.INVALID_FIELD, "spec.tracing.sampling_percent"),
                refusal(update(sampling(Double.NaN)), RejectionCode.INVALID_FIELD, "spec.tracing.sampling_percent"),
                refusal(update(rollout(-1, 20)), RejectionCode.INVALID_FIELD, "spec.rollout.canary_percent"),
                refusal(update(rollout(100.5, 20)), RejectionCode.INVALID_FIELD, "spec.rollout.canary_percent"),
                refusal(update(rollout(Double.NaN, 20)), RejectionCode.INVALID_FIELD, "spec.rollout.canary_percent"),
                refusal(update(rollout(5, 101)), RejectionCode.INVALID_FIELD, "spec.rollout.halt_percent"),
                refusal(update(rollout(5, Double.NaN)), RejectionCode.INVALID_FIELD, "spec.rollout.halt_percent"),
                refusal(update(replicas(64)), RejectionCode.INVALID_FIELD, "spec.durability.sync_replicas"),
                refusal(update(replicas(-1)), RejectionCode.INVALID_FIELD, "spec.durability.sync_replicas"),
                refusal(
                        update(MeshSpec.newBuilder().setMtlsModeValue(99)),
                        RejectionCode.INVALID_FIELD,
                        "spec.mtls_mode"),
                refusal(
                        update(MeshSpec.newBuilder().setTrustDomain("A B")),
                        RejectionCode.INVALID_FIELD,
                        "spec.trust_domain"),
                refusal(
                        update(MeshSpec.newBuilder().setRootNamespace("none")),
                        RejectionCode.NAMESPACE_NOT_FOUND,
                        "spec.root_namespace"),
                refusal(new MeshCommand.UpgradeMesh("1.26"), RejectionCode.VERSION_NOT_SUPPORTED, "version"),
                refusal(new MeshCommand.UpgradeMesh("9.9"), RejectionCode.VERSION_NOT_SUPPORTED, "version"),
                refusal(new MeshCommand.DeleteMesh(), RejectionCode.CLUSTER_STILL_ATTACHED, ""),
                refusal(new MeshCommand.AddCluster("k8s-1", KUBERNETES), RejectionCode.CLUSTER_ALREADY_EXISTS, "name"),
                refusal(new MeshCommand.AddCluster("K8s", KUBERNETES), RejectionCode.INVALID_NAME, "name"),
                refusal(
                        new MeshCommand.AddCluster("x", ClusterSpec.getDefaultInstance()),
                        RejectionCode.INVALID_FIELD,
                        "spec.type"),
                refusal(
                        new MeshCommand.AddCluster(
                                "x",
                                KUBERNETES.toBuilder().putLabels("a b", "c").build()),
                        RejectionCode.INVALID_FIELD,
                        "spec.labels[a b]"),
                refusal(new MeshCommand.UpdateCluster("x", KUBERNETES), RejectionCode.CLUSTER_NOT_FOUND, "name"),
                refusal(
                        new MeshCommand.UpdateCluster(
                                "k8s-1",
                                KUBERNETES.toBuilder()
                                        .setType(ClusterSpec.Type.SELF_MANAGED)
                                        .build()),
                        RejectionCode.INVALID_FIELD,
                        "spec.type"),
                refusal(new MeshCommand.RemoveCluster("x"), RejectionCode.CLUSTER_NOT_FOUND, "name"),
                refusal(
                        new MeshCommand.CreateNamespace("shop", NamespaceSpec.getDefaultInstance()),
                        RejectionCode.NAMESPACE_ALREADY_EXISTS,
                        "name"),
                refusal(
                        new MeshCommand.CreateNamespace("-", NamespaceSpec.getDefaultInstance()),
                        RejectionCode.INVALID_NAME,
                        "name"),
                refusal(
                        new MeshCommand.UpdateNamespace(
                                "shop",
                                NamespaceSpec.newBuilder().putLabels("a", "-").build()),
                        RejectionCode.INVALID_FIELD,
                        "spec.labels[a]"),
                refusal(
                        new MeshCommand.UpdateNamespace("x", NamespaceSpec.getDefaultInstance()),
                        RejectionCode.NAMESPACE_NOT_FOUND,
                        "name"),
                refusal(new MeshCommand.DeleteNamespace("x"), RejectionCode.NAMESPACE_NOT_FOUND, "name"),
                refusal(new MeshCommand.DeleteNamespace("default"), RejectionCode.NAMESPACE_PROTECTED, "name"),
                refusal(new MeshCommand.DeleteNamespace("istio-system"), RejectionCode.NAMESPACE_PROTECTED, "name"),
                refusal(deploy("public", gateway(80, 8080)), RejectionCode.INGRESS_GATEWAY_ALREADY_EXISTS, "name"),
                refusal(
                        deploy("x", gateway(80, 8080).setCluster("gone")),
                        RejectionCode.CLUSTER_NOT_FOUND,
                        "spec.cluster"),
                refusal(
                        deploy("x", gateway(80, 8080).setNamespace("gone")),
                        RejectionCode.NAMESPACE_NOT_FOUND,
                        "spec.namespace"),
                refusal(deploy("x", gateway(0, 8080)), RejectionCode.INVALID_FIELD, "spec.ports[0].service_port"),
                refusal(deploy("x", gateway(80, 65536)), RejectionCode.INVALID_FIELD, "spec.ports[0].container_port"),
                refusal(deploy("x", gateway(80, 8080).setReplicas(101)), RejectionCode.INVALID_FIELD, "spec.replicas"),
                refusal(deploy("x", gateway(80, 8080).clearPorts()), RejectionCode.INVALID_FIELD, "spec.ports"),
                refusal(
                        deploy(
                                "x",
                                gateway(80, 8080)
                                        .addPorts(PortMapping.newBuilder()
                                                .setName("b")
                                                .setServicePort(81)
                                                .setContainerPort(8080))),
                        RejectionCode.INVALID_FIELD,
                        "spec.ports[1].container_port"),
                refusal(
                        new MeshCommand.UpdateIngressGateway(
                                "x", gateway(80, 8080).build()),
                        RejectionCode.INGRESS_GATEWAY_NOT_FOUND,
                        "name"),
                refusal(new MeshCommand.UninstallIngressGateway("x"), RejectionCode.INGRESS_GATEWAY_NOT_FOUND, "name"),
                refusal(new ApplyResources(List.of()), RejectionCode.INVALID_FIELD, ""),
                refusal(
                        new ApplyResources(List.of(put(REVIEWS, "{}"), put(REVIEWS, "{}"))),
                        RejectionCode.DUPLICATE_OBJECT,
                        "metadata.name"),
                refusal(
                        new ApplyResources(List.of(put(virtualService("none", "a"), "{}"))),
                        RejectionCode.NAMESPACE_NOT_FOUND,
                        "metadata.namespace"),
                refusal(
                        new ApplyResources(List.of(delete(virtualService("default", "x")))),
                        RejectionCode.RESOURCE_NOT_FOUND,
                        "metadata.name"),
                refusal(
                        new ApplyResources(List.of(at("999"))),
                        RejectionCode.STALE_POSITION,
                        "metadata.resourceVersion"),
                refusal(
                        new ApplyResources(List.of(sized("big", ResourceLimits.MAX_SPEC_BYTES + 1))),
                        RejectionCode.TOO_LARGE,
                        "spec"),
                refusal(
                        new ApplyResources(IntStream.range(0, 4)
                                .<MeshCommand.ResourceIntent>mapToObj(
                                        i -> sized("s" + i, ResourceLimits.MAX_SPEC_BYTES))
                                .toList()),
                        RejectionCode.TOO_LARGE,
                        ""),
                refusal(
                        new ApplyResources(IntStream.rangeClosed(0, ResourceLimits.MAX_OBJECTS)
                                .<MeshCommand.ResourceIntent>mapToObj(
                                        i -> put(virtualService("default", "v" + i), "{}"))
                                .toList()),
                        RejectionCode.TOO_LARGE,
                        ""),
                refusal(rollback(99, Optional.empty(), Optional.empty()), RejectionCode.POSITION_NOT_FOUND, "to"),
                refusal(
                        rollback(1, Optional.of("none"), Optional.empty()),
                        RejectionCode.NAMESPACE_NOT_FOUND,
                        "namespace"),
                refusal(
                        rollback(1, Optional.empty(), Optional.of(virtualService("default", "x"))),
                        RejectionCode.RESOURCE_NOT_FOUND,
                        "key"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aCommandThatCannotBeIsRefusedWithItsCodeAndFieldAndChangesNothing(
            MeshCommand command, RejectionCode code, String field) {
        MeshFixture bookinfo = bookinfo();
        MeshState before = bookinfo.state();

        CommandOutcome outcome = bookinfo.send(command);

        assertThat(outcome).isInstanceOfSatisfying(CommandOutcome.Rejected.class, rejected -> {
            Violation first = rejected.violations().getFirst();
            assertThat(first.code()).isEqualTo(code);
            assertThat(first.field()).isEqualTo(field);
            assertThat(first.message()).isNotBlank();
        });
        assertThat(bookinfo.state()).isEqualTo(before);
    }

    @Test
    void aNewMeshHasItsDefaultsWrittenOut() {
        MeshSpec spec = mesh("bookinfo").state().spec();

        assertThat(spec.getVersion()).isEqualTo(SupportedVersions.NEWEST);
        assertThat(spec.getTracing().getSamplingPercent()).isEqualTo(1);
        assertThat(spec.getOutboundTrafficPolicy()).isEqualTo(MeshSpec.OutboundTrafficPolicy.ALLOW_ANY);
        assertThat(spec.getMtlsMode()).isEqualTo(MeshSpec.MtlsMode.MTLS_PERMISSIVE);
        assertThat(spec.getDefaultLoadBalancing()).isEqualTo(MeshSpec.LoadBalancing.ROUND_ROBIN);
        assertThat(spec.getTrustDomain()).isEqualTo("cluster.local");
        assertThat(spec.getRootNamespace()).isEqualTo("istio-system");
    }

    @Test
    void anUpgradeGoesOneMinorVersionAtATime() {
        MeshFixture old = MeshFixture.absent("old", new PermissiveRules())
                .accept(new MeshCommand.CreateMesh(
                        MeshSpec.newBuilder().setVersion("1.25").build()));

        assertThat(old.send(new MeshCommand.UpgradeMesh("1.27"))).isInstanceOf(CommandOutcome.Rejected.class);
        old.accept(new MeshCommand.UpgradeMesh("1.26")).accept(new MeshCommand.UpgradeMesh("1.27"));

        assertThat(old.state().spec().getVersion()).isEqualTo("1.27");
    }

    @Test
    void removingAClusterUninstallsItsIngressGatewaysAndThenTheMeshCanGo() {
        MeshFixture bookinfo = bookinfo();
        int before = bookinfo.log().size();

        bookinfo.accept(new MeshCommand.RemoveCluster("k8s-1")).accept(new MeshCommand.DeleteMesh());

        assertThat(bookinfo.log().subList(before, bookinfo.log().size()))
                .extracting(envelope -> envelope.header().getType())
                .containsExactly("IngressGatewayUninstalled", "ClusterRemoved", "MeshDeleted");
        assertThat(bookinfo.state().life()).isEqualTo(MeshState.Life.DELETED);
        assertThat(bookinfo.state().resources()).isEmpty();
    }

    @Test
    void aNameIsUsedAgainForANewLifeInTheSameLog() {
        MeshFixture bookinfo = mesh("bookinfo").withNamespace("shop").apply(put(REVIEWS, "{}"));
        String firstUid = bookinfo.state().uid();
        long lastSeq = bookinfo.state().head().position().seq();

        bookinfo.accept(new MeshCommand.DeleteMesh()).accept(new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()));

        assertThat(bookinfo.state().uid()).isNotEqualTo(firstUid);
        assertThat(bookinfo.state().head().position().seq()).isGreaterThan(lastSeq);
        assertThat(bookinfo.state().resources()).isEmpty();
        assertThat(bookinfo.state().namespaces().keySet()).containsExactly("default", "istio-system");
    }

    @Test
    void deletingANamespaceDeletesItsObjectsFirst() {
        MeshFixture mesh = mesh("bookinfo").withNamespace("shop").apply(put(virtualService("shop", "a"), "{}"));
        int before = mesh.log().size();

        mesh.accept(new MeshCommand.DeleteNamespace("shop"));

        assertThat(mesh.log().subList(before, mesh.log().size()))
                .extracting(envelope -> envelope.header().getType())
                .containsExactly("ResourcesApplied", "NamespaceDeleted");
        assertThat(mesh.state().resources()).isEmpty();
    }

    @Test
    void theGenerationCountsChangesOfTheSpecOnly() {
        MeshFixture mesh = mesh("bookinfo").apply(put(REVIEWS, "{\"a\":1}"));
        Resource first = mesh.resource(REVIEWS);
        Put labelled = new Put(
                REVIEWS,
                MeshCommand.Origin.UNKNOWN,
                first.apiVersion(),
                Map.of("a", "b"),
                Map.of(),
                first.spec(),
                Optional.empty());

        Resource second = mesh.apply(labelled).resource(REVIEWS);
        Resource third = mesh.apply(put(REVIEWS, "{\"a\":2}")).resource(REVIEWS);

        assertThat(List.of(first.generation(), second.generation(), third.generation()))
                .containsExactly(1L, 1L, 2L);
        assertThat(second.modifiedSeq()).isGreaterThan(first.modifiedSeq());
        assertThat(third.uid()).isEqualTo(first.uid());
        assertThat(third.created()).isEqualTo(first.created());
    }

    @Test
    void theRightResourceVersionIsAccepted() {
        MeshFixture mesh = mesh("bookinfo").apply(put(REVIEWS, "{}"));

        assertThat(mesh.send(new ApplyResources(
                        List.of(at(Long.toString(mesh.resource(REVIEWS).modifiedSeq()))))))
                .isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void aRollbackWritesWhatDiffersAndCitesThePosition() throws UnreadableEventException {
        MeshFixture mesh = mesh("bookinfo").apply(put(REVIEWS, "{\"a\":1}"));
        MeshState target = mesh.state();
        mesh.apply(put(REVIEWS, "{\"a\":2}"), put(virtualService("default", "extra"), "{}"));
        MeshCommand back = new MeshCommand.Rollback(
                target.head().position(), List.copyOf(target.resources().values()), Optional.empty(), Optional.empty());

        mesh.accept(back);

        assertThat(mesh.state().resources().keySet()).containsExactly(REVIEWS);
        assertThat(mesh.resource(REVIEWS).spec().toStringUtf8()).isEqualTo("{\"a\":1}");
        assertThat(EventCodec.decode(mesh.log().getLast()))
                .isInstanceOfSatisfying(MeshEvent.ResourcesApplied.class, applied -> {
                    assertThat(applied.rolledBackTo()).contains(target.head().position());
                    assertThat(applied.changes()).hasSize(2);
                });
        assertThat(mesh.send(back))
                .isInstanceOfSatisfying(
                        CommandOutcome.Accepted.class,
                        again -> assertThat(again.unchanged()).isTrue());
    }

    private static Arguments refusal(MeshCommand command, RejectionCode code, String field) {
        return Arguments.of(command, code, field);
    }

    private static MeshCommand update(MeshSpec.Builder spec) {
        return new MeshCommand.UpdateMesh(spec.build());
    }

    private static MeshSpec.Builder sampling(double percent) {
        return MeshSpec.newBuilder().setTracing(MeshSpec.Tracing.newBuilder().setSamplingPercent(percent));
    }

    private static MeshSpec.Builder rollout(double canaries, double halt) {
        return MeshSpec.newBuilder()
                .setRollout(
                        MeshSpec.Rollout.newBuilder().setCanaryPercent(canaries).setHaltPercent(halt));
    }

    private static MeshSpec.Builder replicas(int count) {
        MeshSpec.Builder spec = MeshSpec.newBuilder();
        spec.getDurabilityBuilder().setSyncReplicas(count);
        return spec;
    }

    private static MeshCommand deploy(String name, IngressGatewaySpec.Builder spec) {
        return new MeshCommand.DeployIngressGateway(name, spec.build());
    }

    private static IngressGatewaySpec.Builder gateway(int servicePort, int containerPort) {
        return IngressGatewaySpec.newBuilder()
                .setCluster("k8s-1")
                .addPorts(PortMapping.newBuilder().setServicePort(servicePort).setContainerPort(containerPort));
    }

    private static Put at(String resourceVersion) {
        return new Put(
                REVIEWS,
                MeshCommand.Origin.UNKNOWN,
                "networking.istio.io/v1",
                Map.of(),
                Map.of(),
                ByteString.copyFromUtf8("{}"),
                Optional.of(resourceVersion));
    }

    private static Put sized(String name, int bytes) {
        return put(virtualService("default", name), " ".repeat(bytes));
    }

    private static MeshCommand rollback(long seq, Optional<String> namespace, Optional<ResourceKey> key) {
        return new MeshCommand.Rollback(
                new Position(new MeshId("bookinfo"), MeshFixture.EPOCH, seq), List.of(), namespace, key);
    }
}
