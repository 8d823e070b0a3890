package io.meridian.model.mesh;

import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Everything that the log of a mesh says, folded up to {@link #head}. Immutable; made from {@link #empty} by {@link Evolver}.
 *
 * @param uid empty while {@link Life#ABSENT}
 * @param spec the default instance while {@link Life#ABSENT}
 * @param homeRegion the region that opened the current segment; empty before the first
 * @param sealed whether the current segment is closed
 * @param meshModifiedSeq the seq of the event that last changed {@code spec} or {@code life}
 * @param lineage which epoch wrote which part of the branch up to {@code head}
 * @param handover the one that drains now; the home takes no writes meanwhile
 * @param successor who goes on; present exactly when {@code sealed}
 * @param branches what forced failovers left behind, by name; the log's own, and so kept over the lives of the mesh
 * @param membership empty while the members are the configured regions; the log's own too
 */
public record MeshState(
        MeshId id,
        Head head,
        Life life,
        String uid,
        MeshSpec spec,
        Instant created,
        String homeRegion,
        boolean sealed,
        long meshModifiedSeq,
        PSortedMap<String, Entry<ClusterSpec>> clusters,
        PSortedMap<String, Entry<NamespaceSpec>> namespaces,
        PSortedMap<String, Entry<IngressGatewaySpec>> ingressGateways,
        PSortedMap<ResourceKey, Resource> resources,
        AppliedCommands applied,
        Lineage lineage,
        Optional<Handover> handover,
        Optional<Successor> successor,
        PSortedMap<String, DivergentBranch> branches,
        Optional<Membership> membership) {

    public enum Life {
        /** No event yet, or only the opening of a segment. */
        ABSENT,
        ACTIVE,
        DELETED
    }

    /** A named part of the mesh with what is known of its past. */
    public record Entry<T>(T spec, Instant created, long modifiedSeq) {}

    /** A planned move that was begun with the event at {@code startedSeq}. */
    public record Handover(String toRegion, long startedSeq) {}

    /** Who opens the next segment. */
    public record Successor(Epoch epoch, String region) {}

    public static MeshState empty(MeshId id) {
        return new MeshState(
                id,
                Head.empty(id),
                Life.ABSENT,
                "",
                MeshSpec.getDefaultInstance(),
                Instant.EPOCH,
                "",
                false,
                0,
                TreePMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(),
                TreePMap.empty(),
                AppliedCommands.empty(),
                Lineage.EMPTY,
                Optional.empty(),
                Optional.empty(),
                TreePMap.empty(),
                Optional.empty());
    }

    /** As if it held exactly these, for analysis: no event made it so, and the head stays. */
    public MeshState withResources(PSortedMap<ResourceKey, Resource> others) {
        StateDraft draft = new StateDraft(this);
        draft.resources = others;
        return draft.build();
    }

    public boolean isActive() {
        return life == Life.ACTIVE;
    }
}
