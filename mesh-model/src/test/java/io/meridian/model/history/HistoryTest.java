package io.meridian.model.history;

import static io.meridian.model.fixture.MeshFixture.delete;
import static io.meridian.model.fixture.MeshFixture.mesh;
import static io.meridian.model.fixture.MeshFixture.put;
import static io.meridian.model.fixture.MeshFixture.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.history.StateDiff.Change;
import io.meridian.model.history.StateDiff.ObjectDiff;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final ResourceKey REVIEWS = virtualService("default", "reviews");

    @Test
    void everyEventIsToldInOneLineWithTheObjectsThatItTouched() throws UnreadableEventException {
        MeshFixture bookinfo = mesh("bookinfo")
                .withCluster("k8s-1")
                .withIngressGateway("public", "k8s-1")
                .apply(put(REVIEWS, "{\"hosts\":[\"a\"]}"))
                .apply(put(REVIEWS, "{\"hosts\":[\"b\"]}"))
                .apply(delete(REVIEWS))
                .accept(new MeshCommand.RemoveCluster("k8s-1"))
                .accept(new MeshCommand.DeleteMesh());

        List<EventSummary> told = new ArrayList<>();
        for (EventEnvelope envelope : bookinfo.log()) {
            told.add(EventSummary.of(envelope.mesh(), EventCodec.decode(envelope)));
        }

        assertThat(told)
                .extracting(EventSummary::line)
                .containsExactly(
                        "opened the log in region eu-1",
                        "created mesh bookinfo, version 1.27",
                        "created namespace default",
                        "created namespace istio-system",
                        "added cluster k8s-1 (KUBERNETES_MANAGED)",
                        "deployed ingress gateway public in cluster k8s-1",
                        "created VirtualService default/reviews",
                        "configured VirtualService default/reviews",
                        "deleted VirtualService default/reviews",
                        "uninstalled ingress gateway public with the removal of cluster k8s-1",
                        "removed cluster k8s-1",
                        "deleted mesh bookinfo");
        assertThat(told.get(6).objects()).containsExactly("VirtualService default/reviews");
    }

    @Test
    void aResourceIsShownAsKubernetesWouldShowIt() {
        MeshFixture bookinfo = mesh("bookinfo").apply(put(REVIEWS, "{\"hosts\":[\"reviews\"]}"));

        String yaml = StateYaml.of(bookinfo.resource(REVIEWS));

        assertThat(yaml).isEqualTo("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata:
                  name: reviews
                  namespace: default
                  uid: %s
                  creationTimestamp: 2026-11-24T09:00:02Z
                  generation: 1
                  resourceVersion: '5'
                spec:
                  hosts:
                  - reviews
                """.formatted(bookinfo.resource(REVIEWS).uid()));
    }

    @Test
    void aStateIsShownMeshFirstAndObjectsLast() {
        MeshState state =
                mesh("bookinfo").withCluster("k8s-1").apply(put(REVIEWS, "{}")).state();

        assertThat(StateYaml.objects(state).keySet())
                .containsExactly(
                        "mesh bookinfo",
                        "cluster k8s-1",
                        "namespace default",
                        "namespace istio-system",
                        "VirtualService default/reviews");
        assertThat(StateYaml.of(state)).contains("---\n").contains("kind: Mesh").contains("trustDomain: cluster.local");
    }

    @Test
    void aDiffNamesEachObjectThatDiffersAndShowsHow() {
        MeshFixture bookinfo = mesh("bookinfo").apply(put(REVIEWS, "{\"hosts\":[\"a\"]}"));
        MeshState before = bookinfo.state();
        bookinfo.apply(put(REVIEWS, "{\"hosts\":[\"b\"]}")).withNamespace("extra");

        List<ObjectDiff> diffs = StateDiff.between(before, bookinfo.state());

        assertThat(diffs)
                .extracting(ObjectDiff::object)
                .containsExactly("namespace extra", "VirtualService default/reviews");
        assertThat(diffs).extracting(ObjectDiff::change).containsExactly(Change.ADDED, Change.MODIFIED);
        assertThat(diffs.getLast().unified())
                .startsWith("--- a/VirtualService default/reviews\n+++ b/VirtualService default/reviews\n@@")
                .contains("\n-  - a\n+  - b\n")
                .doesNotContain("resourceVersion");
        assertThat(StateDiff.between(bookinfo.state(), before))
                .extracting(ObjectDiff::change)
                .containsExactly(Change.REMOVED, Change.MODIFIED);
    }

    @Test
    void equalStatesDoNotDiffer() {
        MeshState state = mesh("bookinfo").apply(put(REVIEWS, "{}")).state();

        assertThat(StateDiff.between(state, state)).isEmpty();
    }
}
