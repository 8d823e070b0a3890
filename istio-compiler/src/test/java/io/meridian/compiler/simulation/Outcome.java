package io.meridian.compiler.simulation;

import io.envoyproxy.envoy.config.route.v3.Route;
import java.util.Optional;
import java.util.SequencedMap;

/** What becomes of a request. */
public sealed interface Outcome {

    /**
     * @param clusters names and weights; a single one has weight 1
     * @param authority as the upstream gets it
     * @param path with query, as the upstream gets it
     */
    record Forwarded(
            String virtualHost, Route route, SequencedMap<String, Integer> clusters, String authority, String path)
            implements Outcome {
        /** "v1", "80 v1, 20 v2": the names as they are, for tables. */
        public String clusterNames() {
            if (clusters.size() == 1) {
                return clusters.firstEntry().getKey();
            }
            return String.join(
                    ", ",
                    clusters.entrySet().stream()
                            .map(share -> share.getValue() + " " + share.getKey())
                            .toList());
        }
    }

    /** By the virtual host ({@code route} empty: it wants TLS) or a route. */
    record Redirected(String virtualHost, Optional<Route> route, int code, String location) implements Outcome {}

    record Answered(String virtualHost, Route route, int status, String body) implements Outcome {}

    /** 404: no virtual host, or no route of it, is for the request. */
    record NotFound(Optional<String> virtualHost) implements Outcome {}

    /** In one line, for tables: the cluster names, "301 LOCATION", a status, or 404. */
    default String summary() {
        return switch (this) {
            case Forwarded to -> to.clusterNames();
            case Redirected to -> to.code() + " " + to.location();
            case Answered answer -> String.valueOf(answer.status());
            case NotFound nothing -> "404";
        };
    }
}
