// SPDX-License-Identifier: MIT
// Which method a program of somebody else's uses, from the numbers that it computes with.
//   lint_scheduler FILE    without a file it looks at three lists of its own
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fokker/fokker.hpp>
#include <fokker/solver/by_name.hpp>

namespace fk = fokker;

namespace {

/// What a program does: where it calls its network, and the weights of what x becomes then: of x, of what the network
/// says, of what it said a call ago, two calls ago ...
struct listing {
  bool epsilon = false;  // the network predicts the noise; else the data
  std::vector<double> sigmas;
  std::vector<std::vector<double>> weights;
  double last = 0;  // sigma at the end
};

/// Lines of numbers: sigma and the weights of each call, the last one with sigma alone. A line may be the word
/// "epsilon", and what follows # is not read.
listing read(std::istream& in) {
  listing found;
  bool ended = false;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<double> numbers;
    for (std::string word; words >> word;) {
      if (word == "epsilon" || word == "data") {
        found.epsilon = word == "epsilon";
      } else {
        std::size_t end = 0;
        double number = NAN;
        try {
          number = std::stod(word, &end);
        } catch (const std::exception&) {
        }
        if (end != word.size() || !std::isfinite(number)) throw std::invalid_argument("not a number: " + word);
        numbers.push_back(number);
      }
    }
    if (numbers.empty()) continue;
    if (ended) throw std::invalid_argument("a line behind the last sigma: " + line);
    ended = numbers.size() == 1;
    if (ended) {
      found.last = numbers[0];
    } else {
      found.sigmas.push_back(numbers[0]);
      found.weights.emplace_back(numbers.begin() + 1, numbers.end());
    }
  }
  if (!ended || found.sigmas.empty()) throw std::invalid_argument("no line with the last sigma alone, behind calls");
  return found;
}

/// x after each call as a sum over the start and over what the network said at each call: these weights say all.
using sums = std::vector<std::vector<double>>;

sums summed(const listing& l) {
  sums all;
  std::vector<double> x(l.sigmas.size() + 1);
  x[0] = 1;
  for (std::size_t i = 0; i < l.sigmas.size(); ++i) {
    for (double& weight : x) weight *= l.weights[i][0];
    for (std::size_t k = 1; k < l.weights[i].size() && k <= i + 1; ++k) x[i + 2 - k] += l.weights[i][k];
    all.push_back(x);
  }
  return all;
}

sums summed(const fk::plan::program& p) {
  sums all;
  const std::vector<double> nothing(p.calls.size() + 1);
  std::vector memory(static_cast<std::size_t>(p.buffers), nothing);
  memory[0][0] = 1;
  std::vector<double> said;
  const auto apply = [&](const fk::plan::update& u) {
    std::vector<std::vector<double>> rows;
    for (int j = 0; j < u.row_count; ++j) {
      const fk::plan::row& r = u.rows[static_cast<std::size_t>(j)];
      std::vector<double> sum = nothing;
      const auto add = [&sum](double weight, const std::vector<double>& of) {
        for (std::size_t n = 0; n < sum.size(); ++n) sum[n] = std::fma(weight, of[n], sum[n]);
      };
      for (std::size_t k = 0; k < static_cast<std::size_t>(u.input_count); ++k)
        add(r.inputs[k], u.inputs[k].where == fk::plan::operand::buffer
                             ? memory[static_cast<std::size_t>(u.inputs[k].index)]
                             : said);
      for (std::size_t i = 0; i < rows.size(); ++i) add(r.earlier[i], rows[i]);
      rows.push_back(sum);
    }
    for (std::size_t j = 0; j < rows.size(); ++j) memory[static_cast<std::size_t>(u.rows[j].buffer)] = rows[j];
  };
  apply(p.enter);
  for (std::size_t i = 0; i < p.calls.size(); ++i) {
    said = nothing;
    said[i + 1] = 1;
    apply(p.calls[i].then);
    const int next = i + 1 < p.calls.size() ? p.calls[i + 1].input : 0;
    all.push_back(memory[static_cast<std::size_t>(next)]);
  }
  return all;
}

/// From which call on two methods differ in the sixth digit, and by how much of the largest weight there.
struct difference {
  std::size_t call = 0;
  double size = INFINITY;
};
bool nearer(const difference& a, const difference& b) { return a.call != b.call ? a.call > b.call : a.size < b.size; }

difference compared(const sums& a, const sums& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    double largest = 0, off = 0;
    for (std::size_t n = 0; n < a[i].size(); ++n) {
      largest = std::max({largest, std::abs(a[i][n]), std::abs(b[i][n])});
      off = std::max(off, std::abs(a[i][n] - b[i][n]));
    }
    if (off > 1e-6 * largest) return {i, off / largest};
  }
  return {a.size(), 0};
}

struct verdict {
  std::vector<std::string> names;  // of the methods that it is, to six digits
  std::string nearest;             // or that it is nearest to
  difference from;
};

verdict judge(const listing& l) {
  const sums meant = summed(l);
  verdict found;
  // The levels of the steps: those of all calls, of calls at another sigma than before, or of each second or third.
  std::vector<std::vector<double>> grids(4);
  for (std::size_t i = 0; i < l.sigmas.size(); ++i) {
    grids[0].push_back(l.sigmas[i]);
    if (i == 0 || l.sigmas[i] != l.sigmas[i - 1]) grids[1].push_back(l.sigmas[i]);
    if (i % 2 == 0) grids[2].push_back(l.sigmas[i]);
    if (i % 3 == 0) grids[3].push_back(l.sigmas[i]);
  }
  for (std::vector<double>& grid : grids)
    if (grid.back() > l.last) grid.push_back(l.last);
  const fk::schedule::edm path;
  for (const fk::solver::named& solver : fk::solver::all) {
    difference least;
    for (const std::vector<double>& grid : grids) try {
        const fk::grid::explicit_levels levels{fk::levels_at_ratios(path, grid)};
        const fk::plan::program p = l.epsilon ? fk::make_plan(path, fk::parameterization::epsilon{}, levels, solver)
                                              : fk::make_plan(path, fk::parameterization::data{}, levels, solver);
        bool same = p.calls.size() == l.sigmas.size();
        for (std::size_t i = 0; same && i < l.sigmas.size(); ++i)
          same = std::abs(p.calls[i].at.sigma - l.sigmas[i]) <= 1e-5 * l.sigmas[i];
        if (!same) continue;
        const difference d = compared(meant, summed(p));
        if (nearer(d, least)) least = d;
      } catch (const std::invalid_argument&) {  // no such method on these levels
      }
    if (least.size == 0) found.names.emplace_back(solver.name);
    if (nearer(least, found.from)) found.nearest = solver.name, found.from = least;
  }
  return found;
}

void print(const verdict& v) {
  if (v.names.empty() && v.nearest.empty()) std::cout << "none: nothing calls its network there\n";
  if (v.names.empty() && !v.nearest.empty())
    std::cout << "none; the nearest is " << v.nearest << ", which differs from call " << v.from.call << " on, by "
              << v.from.size << " of the largest weight\n";
  for (const std::string& name : v.names) std::cout << name << (name == v.names.back() ? "\n" : ", ");
}

bool is(const verdict& v, const char* name) { return std::count(v.names.begin(), v.names.end(), name) == 1; }

}  // namespace

int main(int argc, char** argv) try {
  if (argc > 1) {
    std::ifstream file(argv[1]);
    print(judge(read(file)));
    return 0;
  }

  // [lint]
  std::istringstream second_order(R"(# sigma, and the weights of x, of D now, of D before
    10  0.4    0.6
     4  0.4    0.9  -0.3   # h is log(10/4) each time: 1 + 1/2 and -1/2 of 1 - 0.4
     1.6  0.4    0.9  -0.3
     0.64  0      1
     0)");
  const verdict found = judge(read(second_order));
  print(found);  // dpmpp_2m, dpmpp_2m_cfg_pp
  assert(is(found, "dpmpp_2m"));
  // [lint]

  // Heun's method in epsilon: the first call of a step goes to its end, the second one back and there again.
  std::istringstream twice("epsilon\n8 1 -4\n4 1 -2 2\n4 1 -3\n1 1 -1.5 1.5\n1");
  const verdict heun = judge(read(twice));
  print(heun);
  assert(is(heun, "heun"));

  // A sign that is wrong in the third call.
  std::istringstream wrong("10 0.4 0.6\n4 0.4 0.9 -0.3\n1.6 0.4 0.3 0.3\n0.64 0 1\n0");
  const verdict none = judge(read(wrong));
  print(none);
  assert(none.names.empty() && none.nearest == "dpmpp_2m" && none.from.call == 2);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "lint_scheduler: " << error.what() << '\n';
  return 1;
}
