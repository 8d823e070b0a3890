package io.meridian.cli.verb;

/** Resource names of the API. */
final class Names {
    private Names() {}

    static String mesh(String mesh) {
        return "meshes/" + mesh;
    }

    static String cluster(String mesh, String cluster) {
        return mesh(mesh) + "/clusters/" + cluster;
    }

    static String namespace(String mesh, String namespace) {
        return mesh(mesh) + "/namespaces/" + namespace;
    }

    static String ingressGateway(String mesh, String gateway) {
        return mesh(mesh) + "/ingressGateways/" + gateway;
    }

    static String branch(String mesh, String branch) {
        return mesh(mesh) + "/branches/" + branch;
    }

    /** The last part: the name that people use. */
    static String last(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }
}
