package io.meridian.model.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.api.type.v1.MeshSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class FieldPathsTest {
    private static final MeshSpec CURRENT = MeshSpec.newBuilder()
            .setDisplayName("Books")
            .setTrustDomain("cluster.local")
            .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true))
            .build();

    @Test
    void onlyTheFieldsOfThePathsAreReplaced() {
        MeshSpec asked = MeshSpec.newBuilder()
                .setDisplayName("Shop")
                .setTrustDomain("shop.local")
                .build();

        assertThat(FieldPaths.replaced(CURRENT, asked, List.of("display_name")))
                .isEqualTo(CURRENT.toBuilder().setDisplayName("Shop").build());
        assertThat(FieldPaths.replaced(CURRENT, asked, List.of())).isEqualTo(CURRENT);
    }

    @Test
    void whatTheAskedDoesNotHaveIsCleared() {
        MeshSpec nothing = MeshSpec.getDefaultInstance();

        assertThat(FieldPaths.replaced(CURRENT, nothing, List.of("access_log")).hasAccessLog())
                .isFalse();
        MeshSpec nested = FieldPaths.replaced(CURRENT, nothing, List.of("access_log.enabled", "trust_domain"));
        assertThat(nested.hasAccessLog()).isTrue();
        assertThat(nested.getAccessLog().getEnabled()).isFalse();
        assertThat(nested.getTrustDomain()).isEmpty();
    }

    @Test
    void pathsLeadThroughMessagesOnly() {
        assertThat(List.of("display_name", "access_log", "access_log.enabled"))
                .allMatch(path -> FieldPaths.exists(MeshSpec.getDescriptor(), path));
        assertThat(List.of("", ".", "displayName", "display_name.x", "access_log.", "access_log.none"))
                .noneMatch(path -> FieldPaths.exists(MeshSpec.getDescriptor(), path));
        assertThatThrownBy(() -> FieldPaths.replaced(CURRENT, CURRENT, List.of("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
    }
}
