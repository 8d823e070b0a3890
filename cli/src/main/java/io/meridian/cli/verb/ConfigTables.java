package io.meridian.cli.verb;

import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.Table;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Served configuration for people, in the manner of istioctl. Reads protobuf's JSON of Envoy's messages, whatever is missing in it. */
final class ConfigTables {
    private static final int MOST_DOMAINS = 3;

    private ConfigTables() {}

    /** {@code wide}: also the position from which each resource's bytes first came, and its size. */
    static Table of(ConfigType type, List<ConfigResource> resources, boolean wide) {
        List<String> headers = new ArrayList<>(
                switch (type) {
                    case clusters -> List.of("SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE");
                    case listeners -> List.of("LISTENER", "ADDRESS", "PORT", "DESTINATION");
                    case routes -> List.of("ROUTE", "VIRTUAL HOST", "DOMAINS", "MATCH", "DESTINATION");
                    case endpoints -> List.of("CLUSTER", "ENDPOINT", "STATUS", "LOCALITY");
                    case secrets -> List.of("SECRET", "TYPE");
                });
        headers.addAll(List.of("VERSION", "STATE"));
        if (wide) {
            headers.addAll(List.of("SINCE", "BYTES"));
        }
        Table table = new Table(headers);
        for (ConfigResource resource : resources) {
            for (List<String> cells : rows(type, resource)) {
                List<String> row = new ArrayList<>(cells);
                row.add(resource.served().getVersion());
                row.add(
                        resource.served().getState() == ProxyStatus.State.STATE_UNSPECIFIED
                                ? "-"
                                : resource.served().getState().name());
                if (wide) {
                    row.add(Positions.cell(resource.served().getCompiledFrom()));
                    row.add(Long.toString(resource.served().getSizeBytes()));
                }
                table.row(row);
            }
        }
        return table;
    }

    private static List<List<String>> rows(ConfigType type, ConfigResource resource) {
        return switch (type) {
            case clusters -> List.of(cluster(resource));
            case listeners -> List.of(listener(resource));
            case routes -> routes(resource);
            case endpoints -> endpoints(resource);
            case secrets -> List.of(List.of(resource.name(), secretKind(resource.config())));
        };
    }

    /** Of "outbound|PORT|SUBSET|HOST"; another name as it is. */
    private static List<String> cluster(ConfigResource resource) {
        String[] parts = resource.name().split("\\|", -1);
        String type = text(resource.config(), "type");
        String kind = !type.isEmpty() ? type : has(resource.config(), "clusterType") ? "CUSTOM" : "STATIC";
        return parts.length == 4
                ? List.of(parts[3], parts[1], parts[2], parts[0], kind)
                : List.of(resource.name(), "", "", "", kind);
    }

    private static List<String> listener(ConfigResource resource) {
        Map<?, ?> address = map(map(resource.config(), "address"), "socketAddress");
        Set<String> destinations = new LinkedHashSet<>();
        collect(resource.config(), destinations);
        return List.of(
                resource.name(), text(address, "address"), text(address, "portValue"), String.join(", ", destinations));
    }

    /** The route configurations and clusters that its filters name. */
    private static void collect(@Nullable Object value, Set<String> into) {
        if (value instanceof Map<?, ?> object) {
            String type = text(object, "@type");
            if (type.endsWith(".HttpConnectionManager")) {
                Map<?, ?> rds = map(object, "rds");
                into.add(
                        rds.isEmpty()
                                ? "Inline Route: " + text(map(object, "routeConfig"), "name")
                                : "Route: " + text(rds, "routeConfigName"));
                return;
            }
            if (type.endsWith(".TcpProxy")) {
                if (has(object, "cluster")) {
                    into.add("Cluster: " + text(object, "cluster"));
                }
                list(map(object, "weightedClusters"), "clusters")
                        .forEach(cluster -> into.add("Cluster: " + text(asMap(cluster), "name")));
                return;
            }
            object.values().forEach(child -> collect(child, into));
        } else if (value instanceof List<?> elements) {
            elements.forEach(child -> collect(child, into));
        }
    }

    private static List<List<String>> routes(ConfigResource resource) {
        List<List<String>> rows = new ArrayList<>();
        for (Object host : list(resource.config(), "virtualHosts")) {
            Map<?, ?> virtualHost = asMap(host);
            for (Object entry : list(virtualHost, "routes")) {
                Map<?, ?> route = asMap(entry);
                rows.add(List.of(
                        resource.name(),
                        text(virtualHost, "name"),
                        domains(list(virtualHost, "domains")),
                        match(map(route, "match")),
                        destination(route)));
            }
        }
        if (rows.isEmpty()) {
            rows.add(List.of(resource.name(), "", "", "", ""));
        }
        return rows;
    }

    private static String domains(List<?> domains) {
        String first = String.join(
                ", ", domains.stream().limit(MOST_DOMAINS).map(String::valueOf).toList());
        int more = domains.size() - MOST_DOMAINS;
        return more > 0 ? first + " + " + more + " more" : first;
    }

    private static String match(Map<?, ?> match) {
        String path = has(match, "prefix")
                ? text(match, "prefix") + "*"
                : has(match, "path")
                        ? text(match, "path")
                        : has(match, "pathSeparatedPrefix")
                                ? text(match, "pathSeparatedPrefix") + "/*"
                                : has(match, "safeRegex") ? "regex " + text(map(match, "safeRegex"), "regex") : "";
        List<String> headers = list(match, "headers").stream()
                .map(header -> text(asMap(header), "name"))
                .toList();
        return headers.isEmpty() ? path : path + " (" + String.join(", ", headers) + ")";
    }

    private static String destination(Map<?, ?> route) {
        Map<?, ?> action = map(route, "route");
        if (has(action, "cluster")) {
            return text(action, "cluster");
        }
        List<String> weighted = list(map(action, "weightedClusters"), "clusters").stream()
                .map(cluster -> text(asMap(cluster), "name") + " " + text(asMap(cluster), "weight"))
                .toList();
        if (!weighted.isEmpty()) {
            return String.join(", ", weighted);
        }
        if (has(route, "directResponse")) {
            return "direct response " + text(map(route, "directResponse"), "status");
        }
        return has(route, "redirect") ? "redirect" : "";
    }

    private static List<List<String>> endpoints(ConfigResource resource) {
        List<List<String>> rows = new ArrayList<>();
        for (Object locality : list(resource.config(), "endpoints")) {
            Map<?, ?> group = asMap(locality);
            Map<?, ?> place = map(group, "locality");
            String where = String.join(
                    "/",
                    List.of("region", "zone", "subZone").stream()
                            .map(part -> text(place, part))
                            .filter(part -> !part.isEmpty())
                            .toList());
            for (Object endpoint : list(group, "lbEndpoints")) {
                Map<?, ?> address = map(map(asMap(endpoint), "endpoint"), "address");
                Map<?, ?> socket = map(address, "socketAddress");
                String health = text(asMap(endpoint), "healthStatus");
                rows.add(List.of(
                        resource.name(),
                        socket.isEmpty()
                                ? text(map(address, "pipe"), "path")
                                : text(socket, "address") + ":" + text(socket, "portValue"),
                        health.isEmpty() ? "HEALTHY" : health,
                        where));
            }
        }
        if (rows.isEmpty()) {
            rows.add(List.of(resource.name(), "", "", ""));
        }
        return rows;
    }

    private static String secretKind(Map<?, ?> secret) {
        return has(secret, "tlsCertificate")
                ? "Cert Chain"
                : has(secret, "validationContext") ? "CA" : has(secret, "genericSecret") ? "Generic" : "";
    }

    private static boolean has(Map<?, ?> object, String field) {
        return object.containsKey(field);
    }

    private static String text(Map<?, ?> object, String field) {
        Object value = object.get(field);
        return value == null ? "" : value.toString();
    }

    private static Map<?, ?> map(Map<?, ?> object, String field) {
        return asMap(object.get(field));
    }

    private static Map<?, ?> asMap(@Nullable Object value) {
        return value instanceof Map<?, ?> object ? object : Map.of();
    }

    private static List<?> list(Map<?, ?> object, String field) {
        return object.get(field) instanceof List<?> elements ? elements : List.of();
    }
}
