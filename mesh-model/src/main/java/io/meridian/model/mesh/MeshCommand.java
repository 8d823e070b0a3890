package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What somebody wants of a mesh. Judged by {@link Decider}; translated to and from the wire by {@link CommandCodec}. */
public sealed interface MeshCommand {
    /** @param configured who the members are while the log names none; the home fills it in, it does not travel. Empty: nobody knows */
    record CreateMesh(MeshSpec spec, List<Member> configured) implements MeshCommand {
        public CreateMesh {
            configured = List.copyOf(configured);
        }

        public CreateMesh(MeshSpec spec) {
            this(spec, List.of());
        }
    }

    /**
     * The fields of these paths ({@link FieldPaths}) become what {@code spec} has; without any, {@code spec} replaces the whole spec but for
     * the version.
     *
     * @param configured as of {@link CreateMesh}
     */
    record UpdateMesh(MeshSpec spec, List<String> fields, List<Member> configured) implements MeshCommand {
        public UpdateMesh {
            fields = List.copyOf(fields);
            configured = List.copyOf(configured);
        }

        public UpdateMesh(MeshSpec spec, List<String> fields) {
            this(spec, fields, List.of());
        }

        /** Replaces all. */
        public UpdateMesh(MeshSpec spec) {
            this(spec, List.of());
        }
    }

    record UpgradeMesh(String version) implements MeshCommand {}

    record DeleteMesh() implements MeshCommand {}

    record AddCluster(String name, ClusterSpec spec) implements MeshCommand {}

    record UpdateCluster(String name, ClusterSpec spec) implements MeshCommand {}

    record RemoveCluster(String name) implements MeshCommand {}

    record CreateNamespace(String name, NamespaceSpec spec) implements MeshCommand {}

    record UpdateNamespace(String name, NamespaceSpec spec) implements MeshCommand {}

    record DeleteNamespace(String name) implements MeshCommand {}

    record DeployIngressGateway(String name, IngressGatewaySpec spec) implements MeshCommand {}

    record UpdateIngressGateway(String name, IngressGatewaySpec spec) implements MeshCommand {}

    record UninstallIngressGateway(String name) implements MeshCommand {}

    /** All or nothing. */
    record ApplyResources(List<ResourceIntent> intents) implements MeshCommand {
        public ApplyResources {
            intents = List.copyOf(intents);
        }
    }

    /** Make the resources what they were at {@code to}; {@code target} are those of that state. Narrowed to a namespace or a key if given. */
    record Rollback(Position to, List<Resource> target, Optional<String> namespace, Optional<ResourceKey> key)
            implements MeshCommand {
        public Rollback {
            target = List.copyOf(target);
        }
    }

    /**
     * Bring one entry of a divergent branch back. Its events keep the entry's own command id, so that its client's retry is recognised;
     * a retry of this command is recognised by the entry's resolution.
     *
     * @param entry the position of the entry's last event
     * @param envelopes the entry's events, read from the log by whoever sends the command
     * @param force also if it conflicts or is for an operator to decide
     */
    record ReapplyBranch(String branch, Position entry, List<EventEnvelope> envelopes, boolean force)
            implements MeshCommand {
        public ReapplyBranch {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** Give entries of a divergent branch up; {@code entries} by the positions of their last events, all open ones if empty. */
    record DiscardBranch(String branch, List<Position> entries) implements MeshCommand {
        public DiscardBranch {
            entries = List.copyOf(entries);
        }
    }

    /**
     * Make a region a member.
     *
     * @param withoutMajority though no majority is known to hold the change of members before
     */
    record JoinRegion(String region, boolean withoutMajority, MembersNow now) implements MeshCommand {
        public JoinRegion(String region, boolean withoutMajority) {
            this(region, withoutMajority, MembersNow.UNKNOWN);
        }
    }

    /** As {@link JoinRegion}, the other way. */
    record LeaveRegion(String region, boolean withoutMajority, MembersNow now) implements MeshCommand {
        public LeaveRegion(String region, boolean withoutMajority) {
            this(region, withoutMajority, MembersNow.UNKNOWN);
        }
    }

    /**
     * What a change of members is judged on besides the log. The home fills it in; it does not travel.
     *
     * @param configured who the members are while the log names none
     * @param regions every region that the home's configuration names, itself included
     * @param unfit why the region cannot join; empty if it can
     * @param pending why no change can be made now; empty if one can
     */
    record MembersNow(List<Member> configured, List<Member> regions, String unfit, String pending) {
        public static final MembersNow UNKNOWN =
                new MembersNow(List.of(), List.of(), "", "this region is not the home of the mesh");

        public MembersNow {
            configured = List.copyOf(configured);
            regions = List.copyOf(regions);
        }
    }

    /** One object's part of an {@link ApplyResources}. {@code origin} is where the client had it from, for messages. */
    sealed interface ResourceIntent {
        ResourceKey key();

        Origin origin();
    }

    /** {@code resourceVersion}: refuse unless the object was last changed at that seq. */
    record Put(
            ResourceKey key,
            Origin origin,
            String apiVersion,
            Map<String, String> labels,
            Map<String, String> annotations,
            ByteString spec,
            Optional<String> resourceVersion)
            implements ResourceIntent {
        public Put {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }
    }

    record Delete(ResourceKey key, Origin origin, Optional<String> resourceVersion) implements ResourceIntent {}

    /**
     * A place in a client's file.
     *
     * @param source the file's name, empty if unknown
     * @param line 1-based line where the document starts, 0 if unknown
     */
    record Origin(String source, int line) {
        public static final Origin UNKNOWN = new Origin("", 0);
    }
}
