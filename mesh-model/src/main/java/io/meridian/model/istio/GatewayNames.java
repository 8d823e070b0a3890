package io.meridian.model.istio;

/** Which Gateway is meant by a name in {@code gateways} of a VirtualService or of one of its matches. */
public final class GatewayNames {
    private GatewayNames() {}

    /**
     * The full name {@code namespace/name}, as Istio resolves it; "mesh" stays as it is.
     *
     * @param written {@code name}, {@code ./name} or {@code namespace/name}; also the form before those, {@code name.namespace} with or without a
     *     domain behind
     * @param namespace of the object that it is written in
     */
    public static String resolve(String written, String namespace) {
        if (written.equals(VirtualService.MESH)) {
            return written;
        }
        int slash = written.indexOf('/');
        if (slash >= 0) {
            return written.substring(0, slash).equals(".") ? namespace + written.substring(slash) : written;
        }
        int dot = written.indexOf('.');
        if (dot < 0) {
            return namespace + "/" + written;
        }
        int end = written.indexOf('.', dot + 1);
        String owner = end < 0 ? written.substring(dot + 1) : written.substring(dot + 1, end);
        return owner + "/" + written.substring(0, dot);
    }
}
