package io.meridian.model.mesh;

import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** A state in the making; lives within one call of {@link Evolver} or {@link Decider}. */
final class StateDraft {
    private final MeshState base;
    Head head;
    MeshState.Life life;
    String uid;
    MeshSpec spec;
    Instant created;
    String homeRegion;
    boolean sealed;
    long meshModifiedSeq;
    PSortedMap<String, MeshState.Entry<ClusterSpec>> clusters;
    PSortedMap<String, MeshState.Entry<NamespaceSpec>> namespaces;
    PSortedMap<String, MeshState.Entry<IngressGatewaySpec>> ingressGateways;
    PSortedMap<ResourceKey, Resource> resources;
    AppliedCommands applied;
    Lineage lineage;
    Optional<MeshState.Handover> handover;
    Optional<MeshState.Successor> successor;
    PSortedMap<String, DivergentBranch> branches;
    Optional<Membership> membership;

    StateDraft(MeshState base) {
        this.base = base;
        head = base.head();
        life = base.life();
        uid = base.uid();
        spec = base.spec();
        created = base.created();
        homeRegion = base.homeRegion();
        sealed = base.sealed();
        meshModifiedSeq = base.meshModifiedSeq();
        clusters = base.clusters();
        namespaces = base.namespaces();
        ingressGateways = base.ingressGateways();
        resources = base.resources();
        applied = base.applied();
        lineage = base.lineage();
        handover = base.handover();
        successor = base.successor();
        branches = base.branches();
        membership = base.membership();
    }

    /** Forgets what belonged to a life of the mesh; the log's own (head, home, command ids, lineage, branches, members) goes on. */
    void clearLife() {
        uid = "";
        spec = MeshSpec.getDefaultInstance();
        created = Instant.EPOCH;
        clusters = TreePMap.empty();
        namespaces = TreePMap.empty();
        ingressGateways = TreePMap.empty();
        resources = TreePMap.empty();
    }

    MeshState build() {
        return new MeshState(
                base.id(),
                head,
                life,
                uid,
                spec,
                created,
                homeRegion,
                sealed,
                meshModifiedSeq,
                clusters,
                namespaces,
                ingressGateways,
                resources,
                applied,
                lineage,
                handover,
                successor,
                branches,
                membership);
    }
}
