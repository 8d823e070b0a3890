package io.meridian.model.istio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Specs written as YAML, for tests. */
final class Specs {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Specs() {}

    static ResourceKey key(String kind) {
        return new ResourceKey(IstioKinds.NETWORKING, kind, "default", "it");
    }

    static IstioSpecs.Parsed parse(String kind, String yaml) {
        Object value = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        try {
            return IstioSpecs.parse(
                    key(kind), "networking.istio.io/v1", ByteString.copyFromUtf8(JSON.writeValueAsString(value)));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    static VirtualService virtualService(String yaml) {
        return (VirtualService) accepted("VirtualService", yaml);
    }

    static IstioSpec accepted(String kind, String yaml) {
        IstioSpecs.Parsed parsed = parse(kind, yaml);
        if (!parsed.problems().isEmpty()) {
            throw new AssertionError("expected no problem in\n" + yaml + "\nbut found " + parsed.problems());
        }
        return parsed.spec();
    }

    /** "field: message" of the errors. */
    static List<String> errors(String kind, String yaml) {
        return parse(kind, yaml).problems().stream()
                .filter(Problem::isError)
                .map(problem -> problem.field() + ": " + problem.message())
                .toList();
    }

    static List<String> warnings(String kind, String yaml) {
        return parse(kind, yaml).problems().stream()
                .filter(problem -> !problem.isError())
                .map(problem -> problem.field() + ": " + problem.message())
                .toList();
    }
}
