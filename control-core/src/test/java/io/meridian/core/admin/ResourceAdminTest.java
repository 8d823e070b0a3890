package io.meridian.core.admin;

import static io.meridian.core.fixture.Bookinfo.apply;
import static io.meridian.core.fixture.Bookinfo.applying;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.DeleteResourcesRequest;
import io.meridian.api.admin.v1.GetResourceRequest;
import io.meridian.api.admin.v1.ListResourcesRequest;
import io.meridian.api.admin.v1.ListResourcesResponse;
import io.meridian.api.admin.v1.Resource;
import io.meridian.api.admin.v1.ResourceResult;
import io.meridian.api.admin.v1.ResourceResult.Outcome;
import io.meridian.api.admin.v1.RollbackRequest;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.api.type.v1.Finding;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ResourceKey;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.Failures;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResourceAdminTest {
    private final RegionServer server = RegionServer.of(InMemoryRegion.alone());

    @BeforeEach
    void create() {
        Bookinfo.create(server);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static List<Outcome> outcomes(ApplyResourcesResponse response) {
        return response.getResultsList().stream()
                .map(ResourceResult::getOutcome)
                .toList();
    }

    private static ResourceKey key(String kind, String name) {
        return ResourceKey.newBuilder().setKind(kind).setName(name).build();
    }

    private Resource get(String kind, String name) {
        return server.resources()
                .getResource(GetResourceRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setKey(key(kind, name))
                        .build());
    }

    private long head() {
        return server.region().meshes().state(Bookinfo.ID).head().position().seq();
    }

    @Test
    void eachObjectOfAChangeSetHasAnOutcome() {
        var _ = apply(server, virtualService("a", "a") + "---\n" + virtualService("b", "b"));

        ApplyResourcesResponse response = apply(
                server,
                String.join("---\n", virtualService("a", "a"), virtualService("b", "b2"), virtualService("c", "c")));

        assertThat(response.getResultsList())
                .extracting(result -> result.getKey().getName() + " " + result.getOutcome())
                .containsExactlyInAnyOrder("a UNCHANGED", "b CONFIGURED", "c CREATED");
        assertThat(response.getWrite().getPosition().getSeq()).isEqualTo(head());
    }

    @Test
    void whatIsAlreadySoChangesNothing() {
        var _ = apply(server, virtualService("a", "a"));
        long before = head();

        ApplyResourcesResponse again = apply(server, virtualService("a", "a"));

        assertThat(again.getWrite().getUnchanged()).isTrue();
        assertThat(outcomes(again)).containsExactly(Outcome.UNCHANGED);
        assertThat(head()).isEqualTo(before);
    }

    @Test
    void aRetryTellsWhatTheFirstTryDid() {
        var request = applying("a.yaml", virtualService("a", "a"))
                .setOptions(WriteOptions.newBuilder().setRequestId("r-1"))
                .build();
        ApplyResourcesResponse first = server.resources().applyResources(request);

        ApplyResourcesResponse again = server.resources().applyResources(request);

        assertThat(again.getWrite().getReplayed()).isTrue();
        assertThat(again.getWrite().getPosition()).isEqualTo(first.getWrite().getPosition());
        assertThat(again.getResultsCount()).isEqualTo(1);
    }

    @Test
    void aDryRunTellsOutcomesAndFindingsAndStoresNothing() {
        long before = head();

        ApplyResourcesResponse response = server.resources()
                .applyResources(applying("a.yaml", virtualService("a", "a"))
                        .setOptions(WriteOptions.newBuilder().setValidateOnly(true))
                        .build());

        assertThat(outcomes(response)).containsExactly(Outcome.CREATED);
        assertThat(response.getWrite().getWarningsCount()).isPositive();
        assertThat(head()).isEqualTo(before);
    }

    @Test
    void aHostThatNoClusterKnowsIsAWarningWithFileAndPlace() {
        Bookinfo.register(server, "reviews");

        ApplyResourcesResponse known = apply(server, virtualService("reviews", "reviews"));
        ApplyResourcesResponse unknown = apply(server, virtualService("ratings", "ratings"));

        assertThat(known.getWrite().getWarningsList()).isEmpty();
        Finding warning = unknown.getWrite().getWarnings(0);
        assertThat(warning.getLevel()).isEqualTo(Finding.Level.WARNING);
        assertThat(warning.getCode()).isEqualTo("IST0101");
        assertThat(warning.getObject()).isEqualTo("VirtualService default/ratings");
        assertThat(warning.getField()).isEqualTo("spec.http[0].route[0].destination.host");
        assertThat(warning.getMessage()).contains("ratings");
        assertThat(warning.getSource()).isEqualTo("reviews.yaml");
        assertThat(warning.getLine()).isEqualTo(13);
        assertThat(warning.getColumn()).isEqualTo(9);
    }

    @Test
    void aSubsetThatDoesNotExistIsAWarningWithFileAndPlace() {
        Bookinfo.register(server, "reviews");

        ApplyResourcesResponse response = apply(server, virtualService("reviews", "reviews") + "        subset: v9\n");

        Finding warning = response.getWrite().getWarnings(0);
        assertThat(warning.getMessage()).contains("reviews+v9");
        assertThat(warning.getSource()).isEqualTo("reviews.yaml");
        assertThat(warning.getLine()).isEqualTo(14);
    }

    @Test
    void whatIsWrongWithAFileIsToldInPartsToo() {
        Failures failure =
                Failures.of(() -> apply(server, virtualService("a", "a").replace("hosts:", "hostz:")));

        Finding finding = failure.detail(Finding.class).orElseThrow();
        assertThat(finding.getSource()).isEqualTo("reviews.yaml");
        assertThat(finding.getLine()).isEqualTo(8);
        assertThat(finding.getColumn()).isEqualTo(3);
        assertThat(finding.getObject()).isEqualTo("VirtualService default/a");
        assertThat(finding.getField()).isEqualTo("spec.hostz");
        assertThat(finding.getCode()).isEqualTo("UNKNOWN_FIELD");
        assertThat(finding.getMessage()).doesNotContain("line 8");
    }

    @Test
    void kindsAreKnownByAnyOfTheirNames() {
        var _ = apply(server, virtualService("a", "a"));

        assertThat(get("vs", "a")).isEqualTo(get("VirtualService", "a")).isEqualTo(get("virtualservices", "a"));
        Resource shown = get("virtualservice", "a");
        assertThat(shown.getName()).isEqualTo("meshes/bookinfo/namespaces/default/virtualservices/a");
        assertThat(shown.getYaml()).contains("kind: VirtualService").contains("hosts:");
        assertThat(shown.getSpec()
                        .getFieldsOrThrow("hosts")
                        .getListValue()
                        .getValues(0)
                        .getStringValue())
                .isEqualTo("a");
        assertThat(shown.getGeneration()).isEqualTo(1);
    }

    @Test
    void aListIsFilteredByKindNamespaceAndLabels() {
        var _ = apply(server, String.join("---\n", virtualService("a", "a"), virtualService("b", "b"), """
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: a, labels: {app: a}}
                        spec: {host: a}
                        """));

        assertThat(names(ListResourcesRequest.newBuilder())).containsExactly("a", "a", "b");
        assertThat(names(ListResourcesRequest.newBuilder().setKind("dr"))).containsExactly("a");
        assertThat(names(ListResourcesRequest.newBuilder().setLabelSelector("app!=a")))
                .containsExactly("b");
        assertThat(names(ListResourcesRequest.newBuilder().setNamespace("istio-system")))
                .isEmpty();
    }

    private List<String> names(ListResourcesRequest.Builder request) {
        List<String> names = new ArrayList<>();
        request.setParent(Bookinfo.MESH).setPageSize(1);
        do {
            ListResourcesResponse page = server.resources().listResources(request.build());
            page.getResourcesList()
                    .forEach(resource -> names.add(resource.getKey().getName()));
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return names;
    }

    @Test
    void objectsAreDeletedByKeyAndByManifestTogether() {
        var _ = apply(server, virtualService("a", "a") + "---\n" + virtualService("b", "b"));

        ApplyResourcesResponse deleted = server.resources()
                .deleteResources(DeleteResourcesRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .addKeys(key("vs", "a"))
                        .addManifests(Bookinfo.manifest("b.yaml", virtualService("b", "b")))
                        .build());

        assertThat(outcomes(deleted)).containsExactly(Outcome.DELETED, Outcome.DELETED);
        assertThat(server.region().meshes().state(Bookinfo.ID).resources()).isEmpty();
    }

    @Test
    void missingObjectsDoNotMatterIfTheyNeedNotAndARetryIsAReplay() {
        var _ = apply(server, virtualService("a", "a"));
        DeleteResourcesRequest request = DeleteResourcesRequest.newBuilder()
                .setParent(Bookinfo.MESH)
                .addKeys(key("vs", "a"))
                .addKeys(key("vs", "absent"))
                .setIgnoreNotFound(true)
                .setOptions(WriteOptions.newBuilder().setRequestId("d-1"))
                .build();

        ApplyResourcesResponse deleted = server.resources().deleteResources(request);
        ApplyResourcesResponse again = server.resources().deleteResources(request);
        ApplyResourcesResponse other = server.resources()
                .deleteResources(request.toBuilder().clearOptions().build());

        assertThat(outcomes(deleted)).containsExactly(Outcome.DELETED);
        assertThat(again.getWrite().getReplayed()).isTrue();
        assertThat(again.getWrite().getPosition()).isEqualTo(deleted.getWrite().getPosition());
        assertThat(other.getWrite().getUnchanged()).isTrue();
    }

    @Test
    void aRollbackRestoresAnEarlierPositionByANewEvent() {
        Position first = apply(server, virtualService("a", "one")).getWrite().getPosition();
        var _ = apply(server, virtualService("a", "two") + "---\n" + virtualService("b", "b"));

        ApplyResourcesResponse rolledBack = server.resources()
                .rollback(RollbackRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setTo(first)
                        .build());

        assertThat(rolledBack.getWrite().getPosition().getSeq()).isEqualTo(first.getSeq() + 2);
        assertThat(outcomes(rolledBack)).containsExactly(Outcome.CONFIGURED, Outcome.DELETED);
        assertThat(get("vs", "a").getYaml()).contains("- one");
    }

    @Test
    void aRollbackOfOneObjectLeavesTheOthers() {
        Position first = apply(server, virtualService("a", "one")).getWrite().getPosition();
        var _ = apply(server, virtualService("a", "two") + "---\n" + virtualService("b", "b"));

        ApplyResourcesResponse rolledBack = server.resources()
                .rollback(RollbackRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setTo(first)
                        .setKey(key("vs", "a"))
                        .build());

        assertThat(outcomes(rolledBack)).containsExactly(Outcome.CONFIGURED);
        assertThat(get("vs", "b").getGeneration()).isEqualTo(1);
    }

    @Test
    void aRollbackToAnotherBranchIsRefused() {
        Position lost = apply(server, virtualService("a", "one")).getWrite().getPosition();
        server.region()
                .meshes()
                .fork(Bookinfo.ID, lost.getSeq() - 1, server.region().id());

        Failures failure = Failures.of(() -> server.resources()
                .rollback(RollbackRequest.newBuilder()
                        .setParent(Bookinfo.MESH)
                        .setTo(lost)
                        .build()));

        assertThat(failure.reason()).isEqualTo("ROLLED_BACK");
        assertThat(failure.code()).isEqualTo(Status.Code.ABORTED);
    }

    @Test
    void aNamespaceDocumentThatIsTrueAlreadyIsNoHindrance() {
        String namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n";

        ApplyResourcesResponse response = apply(server, namespace + "---\n" + virtualService("a", "a"));
        ApplyResourcesResponse alone = apply(server, namespace);

        assertThat(outcomes(response)).containsExactly(Outcome.CREATED);
        assertThat(alone.getWrite().getUnchanged()).isTrue();
    }
}
