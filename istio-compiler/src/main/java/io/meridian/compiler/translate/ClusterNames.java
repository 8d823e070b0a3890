package io.meridian.compiler.translate;

import java.util.Optional;

/** Istio's names of clusters. */
public final class ClusterNames {
    /** Without endpoints: every connection to it ends at once. */
    public static final String BLACK_HOLE = "BlackHoleCluster";

    /** To the address that the client meant. */
    public static final String PASSTHROUGH = "PassthroughCluster";

    public static final String INBOUND_PASSTHROUGH = "InboundPassthroughCluster";

    /** The host and port in an outbound cluster's name. */
    record HostAndPort(String host, int port) {}

    private ClusterNames() {}

    /** {@code subset} may be empty. */
    public static String outbound(int port, String subset, String host) {
        return "outbound|" + port + "|" + subset + "|" + host;
    }

    /** The same as a valid DNS name: what goes on the wire as SNI between proxies of a mesh. */
    public static String outboundSni(int port, String subset, String host) {
        return "outbound_." + port + "_." + subset + "_." + host;
    }

    public static String inbound(int port) {
        return "inbound|" + port + "||";
    }

    static Optional<HostAndPort> parse(String cluster) {
        String[] parts = cluster.split("\\|", -1);
        if (parts.length != 4 || !parts[1].matches("\\d{1,5}")) {
            return Optional.empty();
        }
        return Optional.of(new HostAndPort(parts[3], Integer.parseInt(parts[1])));
    }
}
