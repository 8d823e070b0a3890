package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.Takeover;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What happened to a mesh. The payload of an envelope, see events.proto; the two are translated by {@link EventCodec}. */
public sealed interface MeshEvent {

    /**
     * Opens all events of one epoch.
     *
     * @param state the whole state at {@code baseSeq}; empty for the first segment of a log
     * @param takeover on what grounds, if without the earlier home's consent
     */
    record SegmentOpened(
            Epoch parentEpoch,
            long baseSeq,
            Cause cause,
            Optional<MeshState> state,
            Hash stateHash,
            String homeRegion,
            Optional<Takeover> takeover)
            implements MeshEvent {
        public enum Cause {
            GENESIS,
            HANDOVER,
            FORCED,
            /** The home itself went on in a new epoch, with a majority's promises. */
            RECLAIMED
        }
    }

    /** From here on the home takes no writes, until the segment is sealed or the handover aborted. */
    record HandoverStarted(String toRegion) implements MeshEvent {}

    record HandoverAborted(String toRegion, String why) implements MeshEvent {}

    /** Closes a segment after a planned move; nothing follows it in its epoch. */
    record SegmentSealed(Epoch nextEpoch, String nextRegion) implements MeshEvent {}

    /**
     * Events that an earlier home wrote and that the current branch goes on without. A branch may take several of these; each continues the
     * one before it.
     *
     * @param branch see {@link DivergentBranch#nameOf}
     * @param fork the last event that the branch has in common with the current one
     * @param envelopes as the earlier home stored them, in order
     * @param entries one for each command in {@code envelopes}, in order
     */
    record DivergentBranchDetected(
            String branch, String originRegion, Head fork, List<EventEnvelope> envelopes, List<BranchEntry> entries)
            implements MeshEvent {
        public DivergentBranchDetected {
            envelopes = List.copyOf(envelopes);
            entries = List.copyOf(entries);
        }
    }

    /** Given up; {@code entries} by the positions of their last events. */
    record BranchDiscarded(String branch, List<Position> entries) implements MeshEvent {
        public BranchDiscarded {
            entries = List.copyOf(entries);
        }
    }

    /**
     * {@code members}: all from now on, by index.
     *
     * @param withoutMajority whether an operator waived that a majority holds the change before
     */
    record RegionJoined(Member region, List<Member> members, boolean withoutMajority) implements MeshEvent {
        public RegionJoined {
            members = List.copyOf(members);
        }
    }

    /** As {@link RegionJoined}. The region's index is given to no other. */
    record RegionLeft(Member region, List<Member> members, boolean withoutMajority) implements MeshEvent {
        public RegionLeft {
            members = List.copyOf(members);
        }
    }

    record MeshCreated(String uid, MeshSpec spec) implements MeshEvent {}

    record MeshUpdated(MeshSpec spec) implements MeshEvent {}

    record MeshUpgraded(String fromVersion, String toVersion) implements MeshEvent {}

    record MeshDeleted() implements MeshEvent {}

    record ClusterAdded(String name, ClusterSpec spec) implements MeshEvent {}

    record ClusterUpdated(String name, ClusterSpec spec) implements MeshEvent {}

    record ClusterRemoved(String name) implements MeshEvent {}

    record NamespaceCreated(String name, NamespaceSpec spec) implements MeshEvent {}

    record NamespaceUpdated(String name, NamespaceSpec spec) implements MeshEvent {}

    record NamespaceDeleted(String name) implements MeshEvent {}

    record IngressGatewayDeployed(String name, IngressGatewaySpec spec) implements MeshEvent {}

    record IngressGatewayUpdated(String name, IngressGatewaySpec spec) implements MeshEvent {}

    /** {@code withCluster}: the cluster whose removal took it along. */
    record IngressGatewayUninstalled(String name, Optional<String> withCluster) implements MeshEvent {}

    /** An atomic change set; {@code rolledBackTo} if it restores an earlier state. Changes are sorted by key, one per key. */
    record ResourcesApplied(List<ResourceChange> changes, Optional<Position> rolledBackTo) implements MeshEvent {
        public ResourcesApplied {
            changes = List.copyOf(changes);
        }
    }

    /** One object's part of a change set. */
    sealed interface ResourceChange {
        ResourceKey key();
    }

    /** See {@link io.meridian.model.resource.Resource} for the parts; the seq is that of the event. */
    record ResourcePut(
            ResourceKey key,
            String apiVersion,
            Map<String, String> labels,
            Map<String, String> annotations,
            ByteString spec,
            String uid,
            Instant created,
            long generation)
            implements ResourceChange {
        public ResourcePut {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }
    }

    record ResourceDeleted(ResourceKey key) implements ResourceChange {}
}
