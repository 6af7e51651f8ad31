#include "tasks/bleu.h"

#include <carousel/error.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace carousel {
namespace {

using Words = std::vector<std::string>;

Words words(const std::string& text) {
  std::istringstream stream(text);
  Words result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

BleuCounts counts_of(const std::string& translation, const std::vector<std::string>& references) {
  std::vector<Words> all;
  for (const std::string& reference : references) all.push_back(words(reference));
  BleuCounts counts;
  counts.add(words(translation), all);
  return counts;
}

const std::vector<std::string> kGuide = {
    "It is a guide to action that ensures that the military will forever heed Party commands",
    "It is the guiding principle which guarantees the military forces always being under the command of the "
    "Party",
    "It is the practical guide for the army always to heed the directions of the party"};
const std::string kGood =
    "It is a guide to action which ensures that the military always obeys the commands of the party";
const std::string kBad =
    "It is to insure the troops forever hearing the activity guidebook that party direct";

// Papineni et al. 2002, section 2.1, examples 1 and 2.
TEST(Bleu, has_the_precisions_of_the_paper) {
  const BleuCounts good = counts_of(kGood, kGuide), bad = counts_of(kBad, kGuide);
  EXPECT_EQ(good.matched(1), 17);
  EXPECT_EQ(good.total(1), 18);
  EXPECT_EQ(good.matched(2), 10);
  EXPECT_EQ(good.total(2), 17);
  EXPECT_EQ(bad.matched(1), 8);
  EXPECT_EQ(bad.total(1), 14);
  EXPECT_EQ(bad.matched(2), 1);
  EXPECT_EQ(bad.total(2), 13);
  const BleuCounts the =
      counts_of("the the the the the the the", {"the cat is on the mat", "there is a cat on the mat"});
  EXPECT_DOUBLE_EQ(the.precision(1), 2.0 / 7);
  EXPECT_EQ(the.matched(2), 0);
  EXPECT_EQ(the.score(), 0);
}

// The same paper, section 2.2: what is too short has a perfect precision, and pays for it.
TEST(Bleu, what_is_too_short_pays) {
  const BleuCounts counts = counts_of("of the", kGuide);
  EXPECT_EQ(counts.precision(1), 1);
  EXPECT_EQ(counts.precision(2), 1);
  EXPECT_TRUE(std::isnan(counts.precision(3)));
  EXPECT_EQ(counts.score(), 0);
  EXPECT_DOUBLE_EQ(counts.score(2), std::exp(1 - 16.0 / 2));
}

// The examples in the documentation of NLTK's bleu_score.
TEST(Bleu, agrees_with_nltk) {
  EXPECT_NEAR(counts_of(kGood, kGuide).score(), 0.5045666840058485, 1e-15);
  BleuCounts corpus = counts_of(kGood, kGuide);
  corpus += counts_of("he read the book because he was interested in world history",
                      {"he was interested in world history because he read the book"});
  EXPECT_NEAR(corpus.score(), 0.5920778868801042, 1e-15);
}

// The example in sacreBLEU's README: 48.53 82.4/50.0/45.5/37.5 (BP = 0.943, 17 and 18 words).
TEST(Bleu, agrees_with_sacrebleu) {
  BleuCounts corpus =
      counts_of("The dog bit the man .", {"The dog bit the man .", "The dog had bit the man ."});
  corpus += counts_of("It wasn't surprising .", {"It was not unexpected .", "No one was surprised ."});
  corpus +=
      counts_of("The man had just bitten him .", {"The man bit him first .", "The man had bitten the dog ."});
  EXPECT_NEAR(100 * corpus.score(), 48.53, 0.005);
  EXPECT_NEAR(100 * corpus.precision(1), 82.4, 0.05);
  EXPECT_NEAR(100 * corpus.precision(2), 50.0, 0.05);
  EXPECT_NEAR(100 * corpus.precision(3), 45.5, 0.05);
  EXPECT_NEAR(100 * corpus.precision(4), 37.5, 0.05);
  EXPECT_NEAR(corpus.brevity_penalty(), 0.943, 0.0005);
  EXPECT_EQ(corpus.translation_length(), 17);
  EXPECT_EQ(corpus.reference_length(), 18);
}

TEST(Bleu, is_of_the_corpus_not_the_mean_of_sentences) {
  BleuCounts corpus = counts_of("a b c d e", {"a b c d e"});
  EXPECT_EQ(corpus.score(), 1);
  corpus += counts_of("x", {"y"});
  EXPECT_DOUBLE_EQ(corpus.precision(1), 5.0 / 6);
  EXPECT_NEAR(corpus.score(), std::pow(5.0 / 6, 0.25), 1e-15);
  EXPECT_NEAR(corpus.score(1), 5.0 / 6, 1e-15);
}

TEST(Bleu, of_references_equally_near_the_shorter_counts) {
  EXPECT_EQ(counts_of("a b c d", {"a b c d e f", "a b"}).reference_length(), 2);
  EXPECT_EQ(counts_of("a b c d", {"a", "a b c d e", "a b c"}).reference_length(), 3);
}

TEST(Bleu, of_nothing) {
  EXPECT_TRUE(std::isnan(BleuCounts().score()));
  const BleuCounts empty = counts_of("", {"a b"});
  EXPECT_EQ(empty.score(), 0);
  EXPECT_EQ(empty.brevity_penalty(), 0);
  EXPECT_THROW(counts_of("a", {}), Error);
}

}  // namespace
}  // namespace carousel
