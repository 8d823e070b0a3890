package io.meridian.core;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.rpc.Errors;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The proxies that this region's gateways serve, as they last reported. Volatile; thread-safe. */
public interface ProxyDirectory {
    void report(ProxyReport report);

    /** The gateway can be asked from now on, in place of what was known under its name. */
    void gatewayAnswers(String gateway, GatewayLine line);

    /** The gateway is gone; its proxies count as departed. */
    void gatewayGone(String gateway);

    /** Those that are connected. */
    List<ProxyStatus> list(Optional<MeshId> mesh);

    /** Those that left, the last one first, as many as are remembered; without those that are connected again. */
    List<ProxyStatus> departed(Optional<MeshId> mesh);

    /**
     * What a proxy of this region is served now, told by its gateway, in order. Fails with a gRPC status that says why: NOT_FOUND if no gateway
     * of this region serves it, UNAVAILABLE if the gateway does not answer within {@code timeout}.
     */
    CompletionStage<List<ServedResource>> served(ConfigQuery query, Duration timeout);

    /**
     * Which part of a proxy's configuration.
     *
     * @param node the whole node id
     * @param types "CDS", ...; all when empty
     * @param name only resources of this name; all when empty
     */
    record ConfigQuery(MeshId mesh, String node, List<String> types, String name) {
        /** Of one answer, which is gathered in memory. */
        public static final long MOST_ANSWER_BYTES = 64L << 20;

        public ConfigQuery {
            types = List.copyOf(types);
        }

        /** The refusal of an answer above {@link #MOST_ANSWER_BYTES}. */
        public static RuntimeException tooLarge() {
            return Errors.failedPrecondition(
                    "TOO_LARGE",
                    "types",
                    "the configuration is larger than " + (MOST_ANSWER_BYTES >> 20)
                            + " MiB as JSON; ask for one type or one name");
        }
    }

    /** Asks one gateway. */
    @FunctionalInterface
    interface GatewayLine {
        /** As {@link ProxyDirectory#served}. */
        CompletionStage<List<ServedResource>> ask(ConfigQuery query, Duration timeout);
    }
}
