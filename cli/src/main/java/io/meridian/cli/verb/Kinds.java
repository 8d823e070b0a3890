package io.meridian.cli.verb;

import io.meridian.api.type.v1.ResourceKey;
import io.meridian.cli.exit.CliFailure;
import java.util.List;
import java.util.Locale;

/**
 * The kinds of resources that people may name in short. Only for typing and printing: what is allowed the server decides, so an unknown kind is passed
 * on as it is.
 */
final class Kinds {
    private static final String NETWORKING = "networking.istio.io";

    /** @param names in lower case: plural, singular, short names; the singular is printed */
    private record Kind(String group, String kind, String singular, List<String> names) {}

    private static final List<Kind> KNOWN = List.of(
            kind("Gateway", "gateways", "gw"),
            kind("VirtualService", "virtualservices", "vs"),
            kind("DestinationRule", "destinationrules", "dr"),
            kind("ServiceEntry", "serviceentries", "se"),
            kind("Sidecar", "sidecars", "sidecar"),
            kind("WorkloadEntry", "workloadentries", "we"));

    private Kinds() {}

    private static Kind kind(String kind, String plural, String shortName) {
        String singular = kind.toLowerCase(Locale.ROOT);
        return new Kind(NETWORKING, kind, singular, List.of(singular, plural, shortName));
    }

    /** KIND NAME, with KIND in any form. */
    static ResourceKey key(String kind, String namespace, String name) {
        String wanted = kind.toLowerCase(Locale.ROOT);
        for (Kind known : KNOWN) {
            for (String form : known.names()) {
                if (wanted.equals(form) || wanted.equals(form + "." + known.group())) {
                    return key(known.group(), known.kind(), namespace, name);
                }
            }
        }
        return key("", kind, namespace, name);
    }

    private static ResourceKey key(String group, String kind, String namespace, String name) {
        return ResourceKey.newBuilder()
                .setGroup(group)
                .setKind(kind)
                .setNamespace(namespace)
                .setName(name)
                .build();
    }

    /** KIND/NAME. */
    static ResourceKey slashed(String text, String namespace) {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1) {
            throw CliFailure.usage("\"" + text + "\" is not KIND/NAME");
        }
        return key(text.substring(0, slash), namespace, text.substring(slash + 1));
    }

    /** "virtualservice.networking.istio.io/reviews", as kubectl's -o name. */
    static String name(ResourceKey key) {
        String kind = key.getKind().toLowerCase(Locale.ROOT);
        return (key.getGroup().isEmpty() ? kind : kind + "." + key.getGroup()) + "/" + key.getName();
    }

    /** As history names it: "virtualservice/default/reviews"; other objects ("cluster/k8s-1") as they are. */
    static String historyObject(String typed, String namespace) {
        List<String> parts = List.of(typed.split("/", -1));
        if (parts.size() < 2) {
            throw CliFailure.usage("--object: \"" + typed + "\" is not KIND/NAME or KIND/NAMESPACE/NAME");
        }
        ResourceKey key = key(parts.getFirst(), namespace, parts.getLast());
        if (key.getGroup().isEmpty()) {
            return typed;
        }
        String space = parts.size() == 3 ? parts.get(1) : namespace;
        return key.getKind().toLowerCase(Locale.ROOT) + "/" + space + "/" + parts.getLast();
    }
}
