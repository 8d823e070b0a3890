package io.meridian.model.istio;

/** Relations of host names. */
public final class HostNames {
    private HostNames() {}

    /** Whether every host that {@code inner} stands for is one that {@code outer} stands for; both may begin with a wildcard. */
    public static boolean covers(String outer, String inner) {
        if (outer.equals(inner) || outer.equals("*")) {
            return true;
        }
        return outer.startsWith("*") && inner.length() >= outer.length() && inner.endsWith(outer.substring(1));
    }

    /**
     * The full name that a short name means in a namespace, as Istio resolves it: a name without dots and wildcard is a service of the
     * namespace; anything else stands for itself.
     */
    public static String resolve(String host, String namespace) {
        return host.contains(".") || host.startsWith("*") || host.isEmpty()
                ? host
                : host + "." + namespace + ".svc.cluster.local";
    }
}
