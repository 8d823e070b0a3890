package io.meridian.model.istio;

import java.util.ArrayList;
import java.util.List;

/** A destination of a VirtualService and the field that it stands in: "spec.http[0].route[1].destination". */
record Destined(String field, Destination destination) {

    /** All of them, mirrors included, in the order of the spec. */
    static List<Destined> of(VirtualService service) {
        List<Destined> result = new ArrayList<>();
        for (int i = 0; i < service.http().size(); i++) {
            addHttp("spec.http[" + i + "]", service.http().get(i), result);
        }
        for (int i = 0; i < service.tls().size(); i++) {
            addWeighted("spec.tls[" + i + "]", service.tls().get(i).route(), result);
        }
        for (int i = 0; i < service.tcp().size(); i++) {
            addWeighted("spec.tcp[" + i + "]", service.tcp().get(i).route(), result);
        }
        return result;
    }

    private static void addHttp(String field, HttpRoute route, List<Destined> result) {
        if (route.action() instanceof HttpAction.Forward forward) {
            for (int i = 0; i < forward.route().size(); i++) {
                result.add(new Destined(
                        field + ".route[" + i + "].destination",
                        forward.route().get(i).destination()));
            }
        }
        for (HttpRoute.Mirror mirror : route.mirrors()) {
            result.add(new Destined(field + ".mirror", mirror.destination()));
        }
    }

    private static void addWeighted(
            String field, List<VirtualService.WeightedDestination> route, List<Destined> result) {
        for (int i = 0; i < route.size(); i++) {
            result.add(new Destined(
                    field + ".route[" + i + "].destination", route.get(i).destination()));
        }
    }
}
