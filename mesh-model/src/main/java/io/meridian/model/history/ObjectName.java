package io.meridian.model.history;

import java.util.Comparator;
import java.util.List;

/** How history names objects; the same words as in rejections. A resource is named by its {@code ResourceKey.toString}. */
final class ObjectName {
    /** That of {@link StateYaml}'s documents. Kinds of resources begin with a capital and so can't be taken for one of ours. */
    static final Comparator<String> DOCUMENT_ORDER =
            Comparator.comparingInt(ObjectName::rank).thenComparing(Comparator.naturalOrder());

    private static final List<String> KINDS =
            List.of("mesh ", "region ", "branch ", "cluster ", "namespace ", "ingress gateway ");

    private ObjectName() {}

    private static int rank(String object) {
        for (int rank = 0; rank < KINDS.size(); rank++) {
            if (object.startsWith(KINDS.get(rank))) {
                return rank;
            }
        }
        return KINDS.size();
    }

    static String mesh(String name) {
        return "mesh " + name;
    }

    static String region(String name) {
        return "region " + name;
    }

    static String branch(String name) {
        return "branch " + name;
    }

    static String cluster(String name) {
        return "cluster " + name;
    }

    static String namespace(String name) {
        return "namespace " + name;
    }

    static String ingressGateway(String name) {
        return "ingress gateway " + name;
    }
}
