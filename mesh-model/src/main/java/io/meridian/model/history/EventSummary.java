package io.meridian.model.history;

import io.meridian.model.mesh.Member;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshEvent.ResourceChange;
import io.meridian.model.mesh.MeshEvent.ResourceDeleted;
import io.meridian.model.mesh.MeshEvent.ResourcePut;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An event in words.
 *
 * @param line one line, past tense, without a full stop
 * @param objects what it touched, in the order of the event: "VirtualService default/reviews", "cluster k8s-1"
 */
public record EventSummary(String line, List<String> objects) {
    private static final int NAMED_CHANGES = 3;

    public EventSummary {
        objects = List.copyOf(objects);
    }

    public static EventSummary of(MeshId mesh, MeshEvent event) {
        return switch (event) {
            case MeshEvent.SegmentOpened opened ->
                about(
                        ObjectName.mesh(mesh.value()),
                        switch (opened.cause()) {
                            case GENESIS -> "opened the log in region " + opened.homeRegion();
                            case HANDOVER ->
                                "moved the home to region " + opened.homeRegion() + ", planned, after epoch "
                                        + opened.parentEpoch();
                            case FORCED ->
                                "moved the home to region " + opened.homeRegion() + ", forced, after epoch "
                                        + opened.parentEpoch() + atRisk(opened);
                            case RECLAIMED ->
                                "kept the home in region " + opened.homeRegion() + ", in a new epoch after "
                                        + opened.parentEpoch() + atRisk(opened);
                        });
            case MeshEvent.SegmentSealed(var epoch, var region) ->
                about(
                        ObjectName.mesh(mesh.value()),
                        "sealed the segment; region " + region + " goes on in epoch " + epoch);
            case MeshEvent.HandoverStarted(var region) ->
                about(ObjectName.mesh(mesh.value()), "began to hand the home over to region " + region);
            case MeshEvent.HandoverAborted(var region, var why) ->
                about(ObjectName.mesh(mesh.value()), "gave up handing the home over to region " + region + ": " + why);
            case MeshEvent.DivergentBranchDetected detected ->
                about(
                        ObjectName.branch(detected.branch()),
                        "recorded " + detected.envelopes().size() + " events of divergent branch " + detected.branch()
                                + " from region " + detected.originRegion() + ", forked at "
                                + detected.fork().position());
            case MeshEvent.BranchDiscarded(var branch, var entries) ->
                about(
                        ObjectName.branch(branch),
                        "discarded "
                                + entries.stream().map(Position::toString).collect(Collectors.joining(", "))
                                + " of divergent branch " + branch);
            case MeshEvent.RegionJoined(var region, var members, var withoutMajority) ->
                about(
                        ObjectName.region(region.region().name()),
                        "joined region " + region.region() + " (index "
                                + region.region().index() + (region.witness() ? ", a witness" : "")
                                + "); the members are " + names(members) + waived(withoutMajority));
            case MeshEvent.RegionLeft(var region, var members, var withoutMajority) ->
                about(
                        ObjectName.region(region.region().name()),
                        "let region " + region.region() + " (index "
                                + region.region().index() + ") leave; the members are " + names(members)
                                + waived(withoutMajority));
            case MeshEvent.MeshCreated(var uid, var spec) ->
                about(ObjectName.mesh(mesh.value()), "created mesh " + mesh + ", version " + spec.getVersion());
            case MeshEvent.MeshUpdated(var spec) -> about(ObjectName.mesh(mesh.value()), "updated mesh " + mesh);
            case MeshEvent.MeshUpgraded(var from, var to) ->
                about(ObjectName.mesh(mesh.value()), "upgraded mesh " + mesh + " from " + from + " to " + to);
            case MeshEvent.MeshDeleted() -> about(ObjectName.mesh(mesh.value()), "deleted mesh " + mesh);
            case MeshEvent.ClusterAdded(var name, var spec) ->
                about(ObjectName.cluster(name), "added cluster " + name + " (" + spec.getType() + ")");
            case MeshEvent.ClusterUpdated(var name, var spec) ->
                about(ObjectName.cluster(name), "updated cluster " + name);
            case MeshEvent.ClusterRemoved(var name) -> about(ObjectName.cluster(name), "removed cluster " + name);
            case MeshEvent.NamespaceCreated(var name, var spec) ->
                about(ObjectName.namespace(name), "created namespace " + name);
            case MeshEvent.NamespaceUpdated(var name, var spec) ->
                about(ObjectName.namespace(name), "updated namespace " + name);
            case MeshEvent.NamespaceDeleted(var name) -> about(ObjectName.namespace(name), "deleted namespace " + name);
            case MeshEvent.IngressGatewayDeployed(var name, var spec) ->
                about(
                        ObjectName.ingressGateway(name),
                        "deployed ingress gateway " + name + " in cluster " + spec.getCluster());
            case MeshEvent.IngressGatewayUpdated(var name, var spec) ->
                about(ObjectName.ingressGateway(name), "updated ingress gateway " + name);
            case MeshEvent.IngressGatewayUninstalled(var name, var withCluster) ->
                about(
                        ObjectName.ingressGateway(name),
                        "uninstalled ingress gateway " + name
                                + withCluster
                                        .map(cluster -> " with the removal of cluster " + cluster)
                                        .orElse(""));
            case MeshEvent.ResourcesApplied applied -> resources(applied);
        };
    }

    private static String atRisk(MeshEvent.SegmentOpened opened) {
        return opened.takeover()
                .filter(takeover -> takeover.getEventsAtRisk() > 0)
                .map(takeover -> "; " + takeover.getEventsAtRisk() + " events of the earlier home were at risk")
                .orElse("");
    }

    private static String names(List<Member> members) {
        return members.stream().map(member -> member.region().name()).collect(Collectors.joining(", "));
    }

    private static String waived(boolean withoutMajority) {
        return withoutMajority ? "; an operator waived the majority" : "";
    }

    private static EventSummary about(String object, String line) {
        return new EventSummary(line, List.of(object));
    }

    private static EventSummary resources(MeshEvent.ResourcesApplied applied) {
        List<ResourceChange> changes = applied.changes();
        if (changes.isEmpty()) {
            return new EventSummary("found what was to be brought back in place already", List.of());
        }
        String prefix = applied.rolledBackTo()
                .map(position -> "rolled back to " + position + ": ")
                .orElse("");
        String line = changes.size() <= NAMED_CHANGES
                ? changes.stream().map(EventSummary::words).collect(Collectors.joining(", "))
                : counts(changes);
        return new EventSummary(
                prefix + line,
                changes.stream().map(change -> change.key().toString()).toList());
    }

    private static String words(ResourceChange change) {
        return switch (change) {
            case ResourcePut put when isNew(put) -> "created " + put.key();
            case ResourcePut put -> "configured " + put.key();
            case ResourceDeleted deleted -> "deleted " + deleted.key();
        };
    }

    private static String counts(List<ResourceChange> changes) {
        long deleted =
                changes.stream().filter(ResourceDeleted.class::isInstance).count();
        return deleted == 0
                ? "applied " + changes.size() + " objects"
                : "applied " + (changes.size() - deleted) + " objects, deleted " + deleted;
    }

    /** A change of labels alone on a first generation also reads as a creation here: the event does not say more. */
    private static boolean isNew(ResourcePut put) {
        return put.generation() == 1;
    }
}
