package io.meridian.compiler.translate;

import java.util.List;
import java.util.Map;

/** {@code localityLbSetting.failoverPriority}: endpoints come first that have the most labels in common with the proxy. */
public final class FailoverPriority {
    private FailoverPriority() {}

    /**
     * The level of an endpoint: 0 where all labels agree, one more for each label from the first on that does not. A label that neither has
     * agrees. Levels of a cluster's endpoints may have gaps, which Envoy's priorities must not.
     *
     * @param order names of labels, or {@code name=value} where the value is to count as the proxy's
     */
    public static int level(List<String> order, Map<String, String> proxyLabels, Map<String, String> endpointLabels) {
        for (int i = 0; i < order.size(); i++) {
            String entry = order.get(i);
            int equals = entry.indexOf('=');
            String name = equals < 0 ? entry : entry.substring(0, equals);
            String wanted = equals < 0 ? proxyLabels.getOrDefault(name, "") : entry.substring(equals + 1);
            if (!wanted.equals(endpointLabels.getOrDefault(name, ""))) {
                return order.size() - i;
            }
        }
        return 0;
    }
}
