package io.meridian.model.mesh;

import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The life of a mesh: creation, update, upgrade, deletion. */
final class MeshDecisions {
    private MeshDecisions() {}

    static Decision create(MeshState state, MeshCommand.CreateMesh command, String commandId) {
        if (state.isActive()) {
            return Violations.rejected(
                    RejectionCode.MESH_ALREADY_EXISTS,
                    object(state),
                    "name",
                    "there is a mesh " + state.id() + " already; update it, or choose another name");
        }
        MeshSpec spec = MeshSpecs.withDefaults(command.spec());
        Violations violations = MeshSpecs.check(state.id(), spec);
        requireReplicas(state, command.configured(), spec, violations);
        if (!SupportedVersions.contains(spec.getVersion())) {
            violations.add(RejectionCode.VERSION_NOT_SUPPORTED, "spec.version", unsupported(spec.getVersion()));
        }
        List<MeshEvent> events = new ArrayList<>();
        events.add(new MeshEvent.MeshCreated(Uids.of(commandId, object(state)), spec));
        TreeSet<String> namespaces = new TreeSet<>(NamespaceDecisions.OF_EVERY_MESH);
        namespaces.add(spec.getRootNamespace());
        namespaces.forEach(
                name -> events.add(new MeshEvent.NamespaceCreated(name, NamespaceSpec.getDefaultInstance())));
        return violations.orAccept(events);
    }

    static Decision update(MeshState state, MeshCommand.UpdateMesh command) {
        MeshSpec given = command.spec();
        List<String> fields = command.fields();
        for (String path : fields) {
            if (!FieldPaths.exists(MeshSpec.getDescriptor(), path)) {
                return Violations.rejected(
                        RejectionCode.UNKNOWN_FIELD,
                        object(state),
                        "fields",
                        "\"" + path + "\" is not a field of MeshSpec");
            }
        }
        MeshSpec asked = fields.isEmpty() ? given : FieldPaths.replaced(state.spec(), given, fields);
        String version = state.spec().getVersion();
        MeshSpec spec = MeshSpecs.withDefaults(
                asked.getVersion().isEmpty()
                        ? asked.toBuilder().setVersion(version).build()
                        : asked);
        Violations violations = MeshSpecs.check(state.id(), spec);
        // What was set when there were more members does not stand in the way of other changes.
        if (!spec.getDurability().equals(state.spec().getDurability())) {
            requireReplicas(state, command.configured(), spec, violations);
        }
        violations.require(
                spec.getVersion().equals(version),
                "spec.version",
                () -> "an update keeps the version " + version + "; change it by an upgrade");
        if (!state.namespaces().containsKey(spec.getRootNamespace())) {
            violations.add(
                    RejectionCode.NAMESPACE_NOT_FOUND,
                    "spec.root_namespace",
                    NamespaceDecisions.missing(spec.getRootNamespace()));
        }
        return violations.orAccept(spec.equals(state.spec()) ? List.of() : List.of(new MeshEvent.MeshUpdated(spec)));
    }

    /** A mesh whose members cannot hold its writes as often as it asks for would never answer one. A witness keeps no events. */
    private static void requireReplicas(
            MeshState state, List<Member> configured, MeshSpec spec, Violations violations) {
        List<Member> members = state.membership().map(Membership::members).orElse(configured);
        int wanted = spec.getDurability().getSyncReplicas();
        long most = members.stream().filter(member -> !member.witness()).count() - 1;
        if (!members.isEmpty() && wanted > most) {
            violations.add(
                    RejectionCode.TOO_FEW_MEMBERS,
                    "spec.durability.sync_replicas",
                    "is " + wanted + "; mesh " + state.id() + " has " + most
                            + (most == 1 ? " member" : " members") + " besides its home that "
                            + (most == 1 ? "keeps" : "keep") + " events, so 0 to " + most
                            + " are possible; let another region join first");
        }
    }

    static Decision upgrade(MeshState state, String version) {
        String current = state.spec().getVersion();
        if (version.equals(current)) {
            return new Decision.Accepted(List.of(), List.of());
        }
        if (!SupportedVersions.contains(version)) {
            return refuseVersion(state, unsupported(version));
        }
        int ahead = SupportedVersions.minorsAhead(current, version);
        if (ahead < 0) {
            return refuseVersion(state, "the mesh has version " + current + "; it cannot go back to " + version);
        }
        if (ahead > 1) {
            return refuseVersion(
                    state,
                    "the mesh has version " + current + "; upgrade one minor version at a time, next to "
                            + SupportedVersions.ALL.get(SupportedVersions.ALL.indexOf(current) + 1));
        }
        return new Decision.Accepted(List.of(new MeshEvent.MeshUpgraded(current, version)), List.of());
    }

    static Decision delete(MeshState state) {
        if (!state.clusters().isEmpty()) {
            return Violations.rejected(
                    RejectionCode.CLUSTER_STILL_ATTACHED,
                    object(state),
                    "",
                    "clusters are attached: "
                            + String.join(", ", state.clusters().keySet())
                            + "; remove them first (that uninstalls their ingress gateways), then delete the mesh");
        }
        return new Decision.Accepted(List.of(new MeshEvent.MeshDeleted()), List.of());
    }

    private static Decision refuseVersion(MeshState state, String message) {
        return Violations.rejected(RejectionCode.VERSION_NOT_SUPPORTED, object(state), "version", message);
    }

    private static String unsupported(String version) {
        return "version '" + version + "' is not supported; supported are " + String.join(", ", SupportedVersions.ALL);
    }

    private static String object(MeshState state) {
        return "mesh " + state.id();
    }
}
