package io.meridian.cli.demo;

import io.meridian.cli.demo.DemoLayout.Region;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** The configuration file of a region's process (HOCON). */
final class RegionConfig {
    private RegionConfig() {}

    /** @param data the region's own folder */
    static String of(DemoLayout layout, Region region, Path data) {
        String peers = layout.regions().stream()
                .filter(peer -> !peer.equals(region))
                .map(RegionConfig::peer)
                .collect(Collectors.joining("\n"));
        return """
                # Written by meridian demo at each start.
                meridian {
                  region { name = %s, index = %d }
                  data-dir = %s
                  admin.bind = %s
                  peer.bind = %s
                  xds.bind = %s
                  metrics.bind = %s
                  cluster.port = %d
                  peers = [
                %s
                  ]
                }
                """.formatted(
                        quoted(region.name()),
                        region.index(),
                        quoted(data.toString()),
                        quoted(region.adminAddress()),
                        quoted("127.0.0.1:" + region.peer()),
                        quoted(region.xdsAddress()),
                        quoted("127.0.0.1:" + region.metrics()),
                        region.cluster(),
                        peers);
    }

    private static String peer(Region peer) {
        return "    { name = %s, index = %d, address = %s, admin-address = %s, xds-address = %s }"
                .formatted(
                        quoted(peer.name()),
                        peer.index(),
                        quoted("127.0.0.1:" + peer.peer()),
                        quoted(peer.adminAddress()),
                        quoted(peer.xdsAddress()));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
