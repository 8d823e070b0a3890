package io.meridian.compiler.translate;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The metadata {@code istio} of routes and clusters, by which people and tools find where they come from. */
public final class IstioMetadata {
    private static final String FILTER = "istio";
    private static final String CONFIG = "config";

    /** {@code name}: of the service in its registry; {@code namespace}: where it is defined. */
    public record Service(String host, String name, String namespace) {}

    private IstioMetadata() {}

    /** "/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews": always v1, whatever version was applied. */
    public static String path(ResourceKey key) {
        String kind = key.kind().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
        return "/apis/" + key.group() + "/v1/namespaces/" + key.namespace() + "/" + kind + "/" + key.name();
    }

    public static Metadata ofConfig(ResourceKey key) {
        return metadata(Struct.newBuilder().putFields(CONFIG, string(path(key))));
    }

    /**
     * @param rule the DestinationRule that applies
     * @param subset empty: none
     */
    public static Metadata ofCluster(Optional<ResourceKey> rule, List<Service> services, String subset) {
        Struct.Builder fields = Struct.newBuilder();
        rule.ifPresent(key -> fields.putFields(CONFIG, string(path(key))));
        if (!services.isEmpty()) {
            ListValue.Builder list = ListValue.newBuilder();
            services.forEach(service -> list.addValues(value(service)));
            fields.putFields("services", Value.newBuilder().setListValue(list).build());
        }
        if (!subset.isEmpty()) {
            fields.putFields("subset", string(subset));
        }
        return metadata(fields);
    }

    private static Value value(Service service) {
        return Value.newBuilder()
                .setStructValue(Struct.newBuilder()
                        .putFields("host", string(service.host()))
                        .putFields("name", string(service.name()))
                        .putFields("namespace", string(service.namespace())))
                .build();
    }

    private static Value string(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static Metadata metadata(Struct.Builder fields) {
        return Metadata.newBuilder().putFilterMetadata(FILTER, fields.build()).build();
    }
}
