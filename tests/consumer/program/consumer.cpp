// A stranger's program: only installed headers, only the installed library.
#include <carousel/error.h>
#include <carousel/model.h>
#include <carousel/version.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "consumer: not so: %s\n", what);
  ++failures;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

void check_version() {
  const std::string version = std::to_string(CAROUSEL_VERSION_MAJOR) + "." +
                              std::to_string(CAROUSEL_VERSION_MINOR) + "." +
                              std::to_string(CAROUSEL_VERSION_PATCH);
  expect(version == carousel::kVersion, "the parts of the version are those of kVersion");
}

// Whole, step by step, and after saving and loading: the same bits.
void check_model(const std::string& path) {
  const std::size_t steps = 20;
  std::vector<float> x(steps * 3);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7) / 7.0F - 0.5F;

  const carousel::Model model = carousel::Model::create("lstm 8, dense 2", 3, 1);
  const std::vector<float> whole = model.predict(x);
  expect(whole.size() == steps * 2, "predict gives an output of two values a step");

  carousel::Stream stream = model.open_stream();
  std::vector<float> stepped(steps * 2);
  for (std::size_t t = 0; t < steps; ++t) stream.step(x.data() + t * 3, stepped.data() + t * 2);
  expect(same_bits(whole, stepped), "steps give the bits of the whole sequence");

  model.save(path);
  expect(same_bits(whole, carousel::Model::load(path).predict(x)), "a loaded model gives the same bits");
}

// An error thrown inside the library is caught by its type outside.
void check_error() {
  try {
    carousel::Model::load("no/such/model.safetensors");
    expect(false, "loading a file that does not exist throws");
  } catch (const carousel::FileError& error) {
    expect(std::string(error.what()).find("no/such/model.safetensors") != std::string::npos,
           "the error names the file");
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 2) return 2;
  check_version();
  check_model(arguments[1]);
  check_error();
  std::printf("carousel %s: %d failures\n", carousel::kVersion, failures);
  return failures == 0 ? 0 : 1;
}
