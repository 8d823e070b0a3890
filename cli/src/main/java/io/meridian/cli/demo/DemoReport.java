package io.meridian.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A status as people and programs read it. */
final class DemoReport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String GAP = "   ";

    private DemoReport() {}

    /** The record's components, pretty-printed. */
    static String json(DemoStatus status) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(status);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static String text(DemoStatus status) {
        StringBuilder text = new StringBuilder();
        List<List<String>> regions = new ArrayList<>();
        regions.add(List.of("REGION", "PROCESS", "ROLE", "POSITION", "LAG", "ADMIN", "XDS"));
        for (DemoStatus.RegionRow region : status.regions()) {
            regions.add(List.of(
                    region.name(),
                    region.state(),
                    dash(region.role()),
                    dash(region.position()),
                    region.lagEvents() < 0 ? "-" : Long.toString(region.lagEvents()),
                    region.adminAddress(),
                    region.xdsAddress()));
        }
        table(text, regions);
        text.append('\n');
        text.append(mesh(status)).append('\n');
        text.append('\n');
        List<List<String>> proxies = new ArrayList<>();
        proxies.add(List.of("PROXY", "CLUSTER", "REGION", "PROTOCOL", "STATE", "POSITION", "ENVOY ADMIN"));
        for (DemoStatus.ProxyRow proxy : status.proxies()) {
            proxies.add(List.of(
                    proxy.name(),
                    proxy.cluster(),
                    dash(proxy.region()),
                    dash(proxy.protocol()),
                    proxy.state(),
                    dash(proxy.position()),
                    proxy.adminAddress()));
        }
        table(text, proxies);
        text.append("\nproductpage: ").append(status.ingressUrl()).append("/productpage\n");
        return text.toString();
    }

    /** The next commands to try. {@code servers}: as MERIDIAN_SERVER; null if the command line's default finds it. */
    static String next(DemoStatus status, boolean detached, @Nullable String servers) {
        String url = status.ingressUrl();
        return """

                Try:%s
                  curl -s %s/api/v1/products/0/reviews      # again and again: reviews v1, v2, v3 in turn
                  ./meridian apply --mesh bookinfo -f examples/bookinfo/reviews-90-10.yaml
                  ./meridian proxies --mesh bookinfo
                  ./meridian history --mesh bookinfo
                  ./meridian demo kill-region us-1          # its proxies go to another region; then: demo start-region us-1
                  ./meridian demo load                      # traffic and changes; in another terminal:
                  ./meridian handover --mesh bookinfo --to us-1 --reason 'to see it move'
                  %s
                """.formatted(
                        servers == null ? "" : "\n  export MERIDIAN_SERVER=" + servers,
                        url,
                        detached ? "./meridian demo down" : "Ctrl-C ends it; the data stays in " + status.dataDir());
    }

    private static String mesh(DemoStatus status) {
        DemoStatus.MeshRow mesh = status.mesh();
        if (mesh == null) {
            boolean asked = status.regions().stream().anyMatch(DemoStatus.RegionRow::reachable);
            return "mesh " + DemoLayout.MESH + (asked ? " is not there" : ": no region can be asked");
        }
        if (mesh.state().equals("DELETED")) {
            return "mesh " + mesh.name() + " was deleted at " + dash(mesh.position())
                    + "; its history stays readable. To make it again: ./meridian demo down, then ./meridian demo";
        }
        return "mesh " + mesh.name() + ", home " + mesh.homeRegion() + ", position " + dash(mesh.position());
    }

    /** What the loss of a region means, and what to do about it. {@code home}: of the mesh, when it was killed. */
    static String killed(DemoLayout layout, String region, String home) {
        StringBuilder text = new StringBuilder("region " + region + " killed; its proxies go to another region.");
        if (home.equals(region)) {
            text.append(" It is the home of mesh ")
                    .append(DemoLayout.MESH)
                    .append(": until it is back, or another region is made the home, nothing can be written.")
                    .append("\nMake another one the home: ./meridian failover --mesh ")
                    .append(DemoLayout.MESH)
                    .append(" --to ")
                    .append(layout.regions().stream()
                            .map(DemoLayout.Region::name)
                            .filter(other -> !other.equals(region))
                            .findFirst()
                            .orElseThrow())
                    .append(" --reason TEXT");
        }
        return text.append("\nBring it back: ./meridian demo start-region ")
                .append(region)
                .toString();
    }

    private static String dash(@Nullable Object value) {
        String text = value == null ? "" : value.toString();
        return text.isEmpty() ? "-" : text;
    }

    private static void table(StringBuilder text, List<List<String>> rows) {
        int columns = rows.getFirst().size();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(other -> other.get(at).length())
                        .max()
                        .orElse(0);
                String cell = row.get(column);
                line.append(cell).repeat(" ", width - cell.length()).append(GAP);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }
}
