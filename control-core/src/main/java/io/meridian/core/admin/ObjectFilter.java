package io.meridian.core.admin;

import io.meridian.core.rpc.Errors;
import io.meridian.model.history.EventSummary;
import io.meridian.model.istio.IstioKinds;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which events touch an object: "virtualservice/default/reviews", "cluster/k8s-1"; as history names it, "cluster k8s-1", works too. */
final class ObjectFilter implements Predicate<EventSummary> {
    private static final Pattern FORM = Pattern.compile("([A-Za-z.]+|[Ii]ngress [Gg]ateway)[/ ]([^/ ]+)(?:/([^/ ]+))?");

    private final Optional<String> object;

    private ObjectFilter(Optional<String> object) {
        this.object = object;
    }

    /** An empty text filters nothing. */
    static ObjectFilter parse(String field, String text) {
        if (text.isEmpty()) {
            return new ObjectFilter(Optional.empty());
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw malformed(field, text);
        }
        String kind = matcher.group(1).toLowerCase(Locale.ROOT);
        Optional<String> own = own(kind);
        String first = matcher.group(2);
        String second = matcher.group(3);
        if (own.isPresent()) {
            if (second != null) {
                throw malformed(field, text);
            }
            return new ObjectFilter(Optional.of(own.get() + " " + first));
        }
        String istio = IstioKinds.named(kind).map(IstioKinds.Kind::kind).orElseThrow(() -> malformed(field, text));
        return new ObjectFilter(
                Optional.of(istio + " " + (second == null ? "default/" + first : first + "/" + second)));
    }

    private static Optional<String> own(String kind) {
        return switch (kind) {
            case "mesh", "meshes" -> Optional.of("mesh");
            case "cluster", "clusters" -> Optional.of("cluster");
            case "namespace", "namespaces", "ns" -> Optional.of("namespace");
            case "ingressgateway", "ingressgateways", "ingress gateway" -> Optional.of("ingress gateway");
            default -> Optional.empty();
        };
    }

    private static RuntimeException malformed(String field, String text) {
        return Errors.invalid(
                field,
                "\"" + text + "\" names no object; the forms are KIND/NAMESPACE/NAME with KIND one of "
                        + IstioKinds.supportedNames() + ", and KIND/NAME with KIND one of "
                        + String.join(", ", List.of("mesh", "cluster", "namespace", "ingressgateway")));
    }

    @Override
    public boolean test(EventSummary summary) {
        return object.map(wanted -> summary.objects().contains(wanted)).orElse(true);
    }
}
