package io.meridian.gateway.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RefusalCausesTest {
    private static final ResourceKey A = MeshFixture.virtualService("default", "a");
    private static final ResourceKey B = MeshFixture.virtualService("default", "b");

    private final MeshFixture mesh = MeshFixture.mesh("bookinfo");
    private final RefusalCauses causes = new RefusalCauses();

    private Position apply(ResourceKey key, String path) {
        mesh.accept(new MeshCommand.ApplyResources(List.of(MeshFixture.put(key, "{\"path\":\"" + path + "\"}"))));
        return mesh.state().head().position();
    }

    private static Refusal refusal(Position compiledFrom, String version) {
        return new Refusal(
                compiledFrom,
                "v",
                "no",
                List.of(new Refusal.Resource("route", version, compiledFrom)),
                0,
                Instant.EPOCH,
                null);
    }

    private Refusal.Causes of(Position compiledFrom, ResourceKey... madeOf) {
        return causes.of(
                refusal(compiledFrom, compiledFrom.toString()), XdsType.ROUTE, mesh.state(), name -> Set.of(madeOf));
    }

    @Test
    void ofTheEventsThatOneImageCoversItIsTheOneThatChangedAnObject() {
        causes.compiled(mesh.state().head().position());
        Position first = apply(A, "/1");
        Position last = apply(B, "/1");
        causes.compiled(last);

        assertThat(of(last, A).event()).isEqualTo(first);
        assertThat(of(last, A).objects()).containsExactly(new Refusal.Cause(A, first));
    }

    @Test
    void whereNoObjectChangedItIsTheLastOfThem() {
        Position old = apply(A, "/1");
        causes.compiled(old);
        Position gone = apply(B, "/1");
        causes.compiled(gone);

        Refusal.Causes found = of(gone, A);

        assertThat(found.event()).isEqualTo(gone);
        assertThat(found.objects()).extracting(Refusal.Cause::modified).containsExactly(old);
    }

    @Test
    void ofTheFirstImageOnlyAnObjectCanTell() {
        Position applied = apply(A, "/1");
        Position head = apply(B, "/1");
        causes.compiled(head);

        assertThat(of(head, A).event()).isEqualTo(applied);
        assertThat(causes.of(refusal(head, "other"), XdsType.CLUSTER, mesh.state(), name -> Set.of())
                        .event())
                .isNull();
    }

    @Test
    void whatManyRefuseIsLookedUpOnce() {
        Position applied = apply(A, "/1");
        causes.compiled(applied);
        List<String> asked = new ArrayList<>();

        for (int i = 0; i < 3; i++) {
            var _ = causes.of(refusal(applied, "same"), XdsType.ROUTE, mesh.state(), name -> {
                asked.add(name);
                return Set.of(A);
            });
        }

        assertThat(asked).containsExactly("route");
    }
}
