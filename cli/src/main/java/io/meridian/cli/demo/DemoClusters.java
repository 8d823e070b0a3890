package io.meridian.cli.demo;

import io.meridian.api.type.v1.ClusterSpec;

/** The data planes of the demo: one of Kubernetes, one of machines, in one network, so that each reaches the other's workloads. */
final class DemoClusters {
    private DemoClusters() {}

    static ClusterSpec spec(String cluster) {
        ClusterSpec.Type type = switch (cluster) {
            case "k8s-1" -> ClusterSpec.Type.KUBERNETES_MANAGED;
            case "vm-1" -> ClusterSpec.Type.VIRTUAL_MACHINES;
            default -> throw new IllegalArgumentException(cluster);
        };
        return ClusterSpec.newBuilder()
                .setType(type)
                .setNetwork("default")
                .setRegion(region())
                .setZone(zone(cluster))
                .build();
    }

    static String region() {
        return "eu";
    }

    /** Each cluster is a zone. */
    static String zone(String cluster) {
        return "eu-" + cluster;
    }
}
